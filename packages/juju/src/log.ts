/** The unit's log (`juju debug-log`). Juju takes messages as arguments only, which bounds their length. */
import type { Runner } from './runner.ts';
import { callTool } from './tool.ts';

export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';

/** Linux allows 128 KiB for one argument; four bytes a character are the most that UTF-8 needs. */
const mostCharacters = 30_000;

/** `juju-log`. Logging must not be what fails a hook: what cannot be an argument is replaced, and the rest of a long text goes in further calls. */
export async function jujuLog(run: Runner, level: LogLevel, message: string): Promise<void> {
  const text = message.replaceAll('\0', '\ufffd').toWellFormed();
  for (const part of parts(text)) {
    await callTool(run, { tool: 'juju-log', args: ['-l', level, '--', part] });
  }
}

/** Cut between characters, never inside of one. */
function parts(text: string): string[] {
  if (text.length <= mostCharacters) return [text];
  const inside = /[\ud800-\udbff]/.test(text.charAt(mostCharacters - 1));
  const end = inside ? mostCharacters - 1 : mostCharacters;
  return [text.slice(0, end), ...parts(text.slice(end))];
}

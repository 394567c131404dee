/**
 * All commands of the package in one program: `main.mjs lpbuildbot-run …`. What is in /usr/bin names the command that it is.
 */
import { fstatSync } from 'node:fs';
import * as z from 'zod';
import { commands } from './command/commands.ts';
import { USAGE_ERROR } from './command/doc.ts';
import { messages } from './command/messages.ts';
import { VERSION } from './version.ts';

/** systemd names the stream that it gave (systemd.exec(5)); a command may have got another one since. */
function standardErrorIs(journalStream: string | undefined): 'journal' | 'other' {
  try {
    const { dev, ino } = fstatSync(2);
    return journalStream === `${dev}:${ino}` ? 'journal' : 'other';
  } catch {
    return 'other';
  }
}

async function main([name = '', ...argv]: readonly string[]): Promise<number> {
  const load = commands.get(name);
  if (load === undefined) {
    process.stderr.write(messages.unknownCommand(name, [...commands.keys()]));
    return USAGE_ERROR;
  }
  const { default: command } = await load();
  return await command.run(argv, {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    env: process.env,
    version: VERSION,
    stderr: standardErrorIs(process.env.JOURNAL_STREAM),
  });
}

// Each schema is used once or a few times: to compile code for it takes longer than that saves.
z.config({ jitless: true });

// A reader such as `head` may go before everything is printed.
process.stdout.on('error', (error) => {
  process.exit('code' in error && error.code === 'EPIPE' ? 0 : 1);
});
process.exitCode = await main(process.argv.slice(2));

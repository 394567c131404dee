/** The promotion service as a child: the very program that is deployed, told of by its own log. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { messages } from './messages.ts';
import { StartError } from './start-error.ts';

export const promotionProgram = join(import.meta.dirname, '../../packages/promotion/src/main.ts');

const logSchema = z.object({
  msg: z.string(),
  audit: z.object({ event: z.string() }).optional(),
  url: z.string().optional(),
});
export type LogLine = z.infer<typeof logSchema>;

export interface PromotionProcess {
  readonly exited: Promise<string>;
  stop(): Promise<unknown>;
}

const START_SECONDS = 30;
const STOP_SECONDS = 15;

/**
 * Runs a program that dies with its parent, however that ends (prctl(2), PR_SET_PDEATHSIG), and in a session of its own,
 * so that Ctrl-C reaches the parent alone.
 */
const LEASH =
  'import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 15, 0, 0, 0); os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])';

/** Starts the service and waits until it serves. Throws StartError with what it said when it does not. */
export async function startPromotion(
  python: string,
  configFile: string,
  onLog: (line: LogLine) => void,
): Promise<PromotionProcess> {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', '--max-semi-space-size=1'];
  const child = spawn(python, ['-c', LEASH, ...node, promotionProgram, '--config', configFile, 'run'], {
    env: { ...process.env, MALLOC_ARENA_MAX: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const exited = new Promise<string>((done) => {
    child.once('close', (code, signal) => done(signal ?? `exit code ${code}`));
  });
  await new Promise<void>((serving, fail) => {
    const timer = setTimeout(
      () => fail(new StartError(messages.notServing(START_SECONDS, output))),
      START_SECONDS * 1000,
    );
    child.stderr.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-10_000);
    });
    createInterface(child.stdout).on('line', (text) => {
      const line = parseLine(text);
      if (line === undefined) output = `${output}${text}\n`.slice(-10_000);
      else if (line.url !== undefined && line.msg.endsWith('serves')) {
        clearTimeout(timer);
        serving();
      } else onLog(line);
    });
    void exited.then(() => {
      clearTimeout(timer);
      fail(new StartError(output.trim()));
    });
  });
  return {
    exited,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_SECONDS * 1000);
      await exited;
      clearTimeout(timer);
    },
  };
}

function parseLine(text: string): LogLine | undefined {
  try {
    return logSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

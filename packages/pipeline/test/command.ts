/** Runs the command as a user would, and measures what it took. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
/** Tells on file descriptor 3 what the process has used, when it ends. */
const measure = `data:text/javascript,import { writeSync } from 'node:fs';
process.on('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())));`;

const usageSchema = z.object({ userCPUTime: z.number(), systemCPUTime: z.number(), maxRSS: z.number() });

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Of user and system together. */
  readonly cpuSeconds: number;
  /** The most that was resident at any time. */
  readonly megabytes: number;
}

export async function run(args: readonly string[], cwd = tmpdir()): Promise<Run> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--import', measure, main, ...args],
    { cwd, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
  );
  const [, stdout, stderr, usage] = child.stdio;
  if (!stdout || !stderr || !usage || !('setEncoding' in usage)) throw new Error('a pipe is missing');
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [out, err, used, code] = await Promise.all([text(stdout), text(stderr), text(usage), ended]);
  const { userCPUTime, systemCPUTime, maxRSS } = usageSchema.parse(JSON.parse(used));
  return {
    code,
    stdout: out,
    stderr: err,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    megabytes: maxRSS / 1024,
  };
}

/** A directory with these files, until it is disposed of. */
export async function directoryWith(
  files: Readonly<Record<string, string | Buffer>>,
): Promise<TestDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'lpbuildbot-pipeline-'));
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(path, name), content)));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

export interface TestDirectory extends AsyncDisposable {
  readonly path: string;
}

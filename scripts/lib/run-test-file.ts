/**
 * Runs one test file in a process group and a temporary directory of its own, so that a file that hangs, or leaves
 * processes or files behind, is found, told, and cannot disturb the next one.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { killProcesses, processesOf } from './left-processes.ts';
import { endedWithoutReport, leftFiles, leftProcesses, neverEnded } from './messages.ts';

export interface FileOutcome {
  readonly path: string;
  readonly passed: number;
  readonly skipped: number;
  /** The names of failed tests with the reasons, and sentences about what went wrong outside of any test. */
  readonly failed: readonly string[];
  readonly output: string;
  readonly milliseconds: number;
}

const countsSchema = z.object({
  success: z.boolean(),
  passed: z.number(),
  skipped: z.number(),
  failed: z.array(z.string()),
});

type Counts = z.infer<typeof countsSchema>;

/** How long processes that a test told to end may take for it, in milliseconds. */
const graceMilliseconds = 5_000;

/**
 * Runs the test file at `path`, relative to `root`. After `limitMilliseconds` everything it started is killed and that
 * counts as a failure, as does anything that is left after it ended.
 */
export async function runTestFile(
  root: string,
  path: string,
  limitMilliseconds: number,
): Promise<FileOutcome> {
  const started = performance.now();
  const temporary = await mkdtemp(join(tmpdir(), 'lpb-'));
  // A server that refuses to run as root has to get at its own directory below this one.
  await chmod(temporary, 0o711);
  const countsFile = `${temporary}.counts`;
  try {
    const run = await runGroup(root, path, temporary, countsFile, limitMilliseconds);
    const counts = await readCounts(countsFile);
    return {
      path,
      passed: counts?.passed ?? 0,
      skipped: counts?.skipped ?? 0,
      failed: [...failuresOf(run, counts, limitMilliseconds), ...(await leftovers(temporary, run.left))],
      output: run.output,
      milliseconds: performance.now() - started,
    };
  } finally {
    await rm(temporary, { recursive: true, force: true });
    await rm(countsFile, { force: true });
  }
}

interface Run {
  readonly end: 'exit' | 'killed';
  readonly how: string;
  readonly success: boolean;
  readonly output: string;
  readonly left: readonly string[];
}

async function runGroup(
  root: string,
  path: string,
  temporary: string,
  countsFile: string,
  limitMilliseconds: number,
): Promise<Run> {
  const here = (name: string): string => join(import.meta.dirname, name);
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      `--test-reporter=${here('spec-reporter.ts')}`,
      '--test-reporter-destination=stdout',
      `--test-reporter=${here('count-reporter.ts')}`,
      `--test-reporter-destination=${countsFile}`,
      path,
    ],
    {
      cwd: root,
      env: { ...process.env, TMPDIR: temporary, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  );
  const marks = { group: child.pid, environment: `TMPDIR=${temporary}` };
  const stop = (): void => killProcesses(child.pid === undefined ? [] : [-child.pid]);
  process.once('exit', stop);
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  }
  const ended = Promise.withResolvers<{ end: Run['end']; code: number | null; how: string }>();
  child.on('error', (error) => ended.resolve({ end: 'exit', code: null, how: error.message }));
  let isKilled = false;
  // Also when it is killed: until then it would be among the processes that are left.
  child.on('exit', (code, signal) =>
    ended.resolve(
      isKilled
        ? { end: 'killed', code: null, how: 'killed' }
        : { end: 'exit', code, how: signal ?? `exit code ${code}` },
    ),
  );
  const closed = new Promise((resolve) => child.on('close', resolve));

  const limit = setTimeout(() => {
    isKilled = true;
    child.kill('SIGKILL');
  }, limitMilliseconds);
  const { end, code, how } = await ended.promise;
  clearTimeout(limit);
  const left = await processesOf(marks, end === 'killed' ? 0 : graceMilliseconds);
  killProcesses(left.map(({ pid }) => pid));
  // Only now: whatever was left may have held the other ends of the pipes.
  await closed;
  process.removeListener('exit', stop);
  return { end, how, success: code === 0, output: chunks.join(''), left: left.map(({ name }) => name) };
}

async function readCounts(file: string): Promise<Counts | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text === '' ? undefined : countsSchema.parse(JSON.parse(text));
}

function failuresOf(run: Run, counts: Counts | undefined, limitMilliseconds: number): string[] {
  if (run.end === 'killed') return [...(counts?.failed ?? []), neverEnded(limitMilliseconds)];
  if (counts === undefined) return [endedWithoutReport(run.how)];
  if (!run.success && counts.failed.length === 0) return [endedWithoutReport(run.how)];
  return counts.failed;
}

async function leftovers(temporary: string, processes: readonly string[]): Promise<string[]> {
  const files = await readdir(temporary);
  return [
    ...(processes.length > 0 ? [leftProcesses(processes)] : []),
    ...(files.length > 0 ? [leftFiles(files)] : []),
  ];
}

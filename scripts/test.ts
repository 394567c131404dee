/**
 * `npm test [-- PATTERN...]`: makes sure of the programs that the tests use, runs every test file (those whose path contains
 * a PATTERN), two at a time, and ends with the numbers. Each file has a process group of its own, so that one that
 * hangs costs its own time and no more.
 */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePrograms } from './lib/ensure-programs.ts';
import { fileHeader, noTestFile, nothingMatches, stillRunning } from './lib/messages.ts';
import { pooled } from './lib/pool.ts';
import { reportOutcomes } from './lib/report-outcomes.ts';
import { type FileOutcome, runTestFile } from './lib/run-test-file.ts';
import { chooseTestFiles } from './lib/test-files.ts';

const width = 2;
const limitMilliseconds = 15 * 60_000;
const heartbeatMilliseconds = 60_000;

const root = join(import.meta.dirname, '..');

async function main(patterns: readonly string[]): Promise<number> {
  const paths = globSync('**/*.test.ts', {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|\.[^/]+)$/.test(path),
  });
  const files = chooseTestFiles(paths, patterns);
  if (files.length === 0) {
    console.error(`lpbuildbot: ${patterns.length === 0 ? noTestFile : nothingMatches(patterns)}`);
    return 1;
  }
  if (!(await ensurePrograms())) return 1;

  return reportOutcomes(await runFiles(files));
}

async function runFiles(files: readonly string[]): Promise<FileOutcome[]> {
  const running = new Map<string, number>();
  const heartbeat = setInterval(() => {
    const oldest = Math.min(...running.values());
    const waited = performance.now() - oldest;
    if (waited >= heartbeatMilliseconds) console.error(stillRunning([...running.keys()], waited));
  }, heartbeatMilliseconds);
  let finished = 0;
  const outcomes = await pooled(files, width, async (path) => {
    running.set(path, performance.now());
    const outcome = await runTestFile(root, path, limitMilliseconds);
    running.delete(path);
    finished += 1;
    console.log(fileHeader(finished, files.length, path, outcome.milliseconds));
    process.stdout.write(outcome.output);
    return outcome;
  });
  clearInterval(heartbeat);
  return outcomes;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main(process.argv.slice(2));

/** `npm run check`: everything that can be told about the files without running the product, two checks at a time, a line each. */
import { join } from 'node:path';
import { type Check, nodeChecks, pythonAndShellChecks } from './lib/checks.ts';
import { checkLine, checkOutcome, checkOutput } from './lib/messages.ts';
import { pooled } from './lib/pool.ts';
import { projectFiles } from './lib/project-files.ts';
import { pythonTools } from './lib/python-tools.ts';
import { runProgram } from './lib/run-program.ts';

const root = join(import.meta.dirname, '..');

interface Result {
  readonly name: string;
  readonly verdict: 'ok' | 'failed';
  readonly output: string;
}

async function run({ name, argv, directory }: Check): Promise<Result> {
  const { code, output, milliseconds } = await runProgram(argv, { cwd: join(root, directory) });
  const verdict = code === 0 ? 'ok' : 'failed';
  console.log(checkLine(name, verdict, milliseconds));
  return { name, verdict, output };
}

async function checkPythonAndShell(): Promise<Result[]> {
  const started = performance.now();
  const prepared = await pythonTools(root);
  if (prepared.kind === 'failed') {
    const name = 'Python and shell';
    console.log(checkLine(name, 'failed', performance.now() - started));
    return [{ name, verdict: 'failed', output: prepared.reason }];
  }
  return await pooled(pythonAndShellChecks(projectFiles(root), prepared.tools), 1, run);
}

const results = (await Promise.all([pooled(nodeChecks, 1, run), checkPythonAndShell()])).flat();
const failed = results.filter(({ verdict }) => verdict === 'failed');
for (const { name, output } of failed) console.log(checkOutput(name, output));
const names = failed.map(({ name }) => name);
console.log(checkOutcome(names, results.length));
process.exitCode = failed.length === 0 ? 0 : 1;

/** `npm run check`: everything that can be told about the files without running the product, two checks at a time, a line each. */
import { join } from 'node:path';
import { checkLine, checkOutcome, checkOutput } from './lib/messages.ts';
import { pooled } from './lib/pool.ts';
import { runProgram } from './lib/run-program.ts';

const root = join(import.meta.dirname, '..');

interface Check {
  readonly name: string;
  readonly argv: readonly string[];
}

const checks: readonly Check[] = [
  { name: 'types', argv: ['tsc'] },
  { name: 'format and lint', argv: ['biome', 'ci', '--colors=off'] },
  { name: 'dead code', argv: ['knip', '--no-config-hints'] },
  {
    name: 'dependency direction',
    argv: ['node', '--disable-warning=ExperimentalWarning', '--test', 'test/dependency-direction.test.ts'],
  },
];

const results = await pooled(checks, 2, async ({ name, argv }) => {
  const { code, output, milliseconds } = await runProgram(argv, { cwd: root });
  const verdict = code === 0 ? 'ok' : 'failed';
  console.log(checkLine(name, verdict, milliseconds));
  return { name, verdict, output };
});

const failed = results.filter(({ verdict }) => verdict === 'failed');
for (const { name, output } of failed) console.log(checkOutput(name, output));
console.log(
  checkOutcome(
    failed.map(({ name }) => name),
    checks.length,
  ),
);
process.exitCode = failed.length === 0 ? 0 : 1;

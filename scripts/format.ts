/** `npm run format`: writes every file the way that `npm run check` asks for. */
import { join } from 'node:path';
import { projectFiles } from './lib/project-files.ts';
import { pythonTools } from './lib/python-tools.ts';
import { runProgram } from './lib/run-program.ts';

const root = join(import.meta.dirname, '..');

async function format(argv: readonly string[]): Promise<boolean> {
  const { code, output } = await runProgram(argv, { cwd: root });
  process.stdout.write(output);
  return code === 0;
}

const biome = await format(['biome', 'check', '--write', '--colors=off']);
const prepared = await pythonTools(root);
if (prepared.kind === 'failed') console.error(`lpbuildbot: ${prepared.reason}`);
const { python } = projectFiles(root);
const ruff =
  prepared.kind === 'ready' &&
  (python.length === 0 ||
    ((await format([prepared.tools.ruff, 'check', '--quiet', '--fix', ...python])) &&
      (await format([prepared.tools.ruff, 'format', '--quiet', ...python]))));
process.exitCode = biome && ruff ? 0 : 1;

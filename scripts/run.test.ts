import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runProgram } from './lib/run-program.ts';

const root = join(import.meta.dirname, '..');
let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'run-sh-'));
});
after(() => rm(directory, { recursive: true }));

/** Runs scripts/run.sh on a machine that has only the given programs, as shell scripts, besides the most basic ones. */
async function runOn(
  name: string,
  programs: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const bin = join(directory, name);
  await mkdir(bin);
  for (const basic of ['dirname', 'sed', 'cmp']) await symlink(`/usr/bin/${basic}`, join(bin, basic));
  for (const [program, script] of Object.entries(programs)) {
    await writeFile(join(bin, program), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, program), 0o755);
  }
  const argv = ['/bin/sh', join(root, 'scripts/run.sh'), '--eval', 'console.log(process.version)'];
  return await runProgram(argv, { cwd: directory, env: { PATH: bin, LPBUILDBOT_PYTHON: '' } });
}

const npm = 'exit 0';
const git = 'echo git version 2.39.5';
const python = 'exit 0';

const machines: readonly {
  readonly lacks: string;
  readonly has: Record<string, string>;
  readonly told: string;
}[] = [
  {
    lacks: 'npm',
    has: { git, python3: python },
    told: 'npm is missing: install Node.js 20 or newer with npm',
  },
  { lacks: 'git', has: { npm, python3: python }, told: 'git is missing: install git 2.38 or newer' },
  {
    lacks: 'a new git',
    has: { npm, git: 'echo git version 2.34.1', python3: python },
    told: 'git 2.34 is too old: install git 2.38 or newer',
  },
  { lacks: 'Python', has: { npm, git }, told: 'Python is missing: install Python 3.11, 3.12 or 3.14' },
  {
    lacks: 'a Python that Buildbot is locked for',
    has: { npm, git, python3: 'exit 1' },
    told: 'Python is missing: install Python 3.11, 3.12 or 3.14',
  },
  {
    lacks: "Python's venv",
    has: { npm, git, python3: 'case $2 in *ensurepip*) exit 1;; esac' },
    told: "Python's venv module is missing: install it (Debian and Ubuntu: apt-get install python3-venv)",
  },
];

for (const { lacks, has, told } of machines) {
  test(`a machine without ${lacks} is told in one sentence`, async () => {
    const { code, output } = await runOn(lacks, has);
    assert.equal(code, 1);
    assert.equal(output.trimEnd().split('\n').length, 1);
    assert.ok(output.startsWith(`lpbuildbot: ${told}`), output);
  });
}

test('with all of them the program runs on the pinned Node, whatever git calls its version', async () => {
  const has = { npm, git: 'echo git version 3.0.1.windows.1', python3: python };
  const { code, output } = await runOn('complete', has);
  assert.equal(code, 0, output);
  assert.match(output, /^v24\./);
});

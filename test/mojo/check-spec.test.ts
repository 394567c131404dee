/** The check of the spec: the project's own passes, and every kind of mistake in a copy of it is told with its place. */
import assert from 'node:assert/strict';
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { checkSpec } from './check-spec.ts';
import { showProblem } from './problem.ts';

const own = join(import.meta.dirname, '../../mojo-spec');

let directory: string;
let copy: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'check-spec-'));
  copy = join(directory, 'mojo-spec');
});
beforeEach(async () => {
  await rm(copy, { recursive: true, force: true });
  await cp(own, copy, { recursive: true });
});
after(async () => {
  await rm(directory, { recursive: true });
});

async function told(): Promise<readonly string[]> {
  return (await checkSpec(copy)).problems.map(showProblem);
}

async function change(file: string, from: string, to: string): Promise<void> {
  const path = join(copy, file);
  const text = await readFile(path, 'utf8');
  assert.ok(text.includes(from), `${file} has ${from}`);
  await writeFile(path, text.replaceAll(from, to));
}

test("the project's own spec has no mistake, in any stage", async () => {
  const { files, problems } = await checkSpec(own);
  assert.deepEqual(problems.map(showProblem), []);
  assert.ok(files >= 12, `${files} files were looked at`);
});

interface Mistake {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly told: readonly RegExp[];
}

const mistakes: readonly Mistake[] = [
  {
    file: 'manifest',
    from: 'juju-check-wait',
    to: 'juju-checkwait',
    told: [/^manifest:8: found the phase juju-checkwait; write juju-check-wait$/],
  },
  {
    file: 'manifest-verify',
    from: 'config=verify',
    to: 'config=verfy',
    told: [
      /^manifest-verify:3: found verfy, which is not there for devel; write devel\/verfy or verfy$/,
      /staging/,
      /production/,
    ],
  },
  {
    file: 'manifest-verify',
    from: 'config=verify',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Mojo's syntax
    to: 'config=verify PROBE_BUILDER=${PROBE_BUILDER}',
    told: [/^manifest-verify:3: found \$\{PROBE_BUILDER\}; give a default/],
  },
  {
    file: 'scripts/secrets',
    from: 'set -euo pipefail',
    to: 'set -e',
    told: [/^scripts\/secrets:5: found set -e; write "set -euo pipefail"/],
  },
  {
    file: 'collect',
    from: 'git+https',
    to: 'cs',
    told: [/^collect:3: found cs:\/\/.*; use git/],
  },
  {
    file: 'bundle.yaml',
    from: '{{ series }}/lpbuildbot-master.charm',
    to: '{{ release }}/lpbuildbot-master.charm',
    told: [/^bundle\.yaml:\d+: found the variable release; Mojo is known to give series/],
  },
  {
    file: 'bundle.yaml',
    from: 'title:',
    to: 'titel:',
    told: ['devel', 'production', 'staging'].map(
      (stage) =>
        new RegExp(`^bundle\\.yaml:1: found for ${stage}: .*configuration option "titel" not found in charm`),
    ),
  },
  {
    file: 'bundle.yaml',
    from: '"buildbot-master:workers", "buildbot-worker:master"',
    to: '"buildbot-master:workers", "buildbot-woker:master"',
    told: [/^bundle\.yaml:1: found for devel: .*"buildbot-woker" not defined/, /staging/],
  },
  {
    file: 'bundle.yaml',
    from: 'lpbuildbot-git-server.charm',
    to: 'lpbuildbot-forge.charm',
    told: [
      /^bundle\.yaml:1: found for devel: charm lpbuildbot-forge.charm of git-server, which build does not make/,
    ],
  },
  {
    file: 'canary.yaml',
    from: 'mem=32G',
    to: 'mem=16G',
    told: [
      /^canary\.yaml:1: found another buildbot-worker-canary; write buildbot-worker-canary as in bundle\.yaml/,
    ],
  },
];
for (const { file, from, to, told: expected } of mistakes) {
  test(`"${to}" in ${file} is told`, async () => {
    await change(file, from, to);
    const said = await told();
    assert.equal(said.length, expected.length, said.join('\n'));
    for (const pattern of expected)
      assert.ok(
        said.some((line) => pattern.test(line)),
        said.join('\n'),
      );
  });
}

test('a script that cannot be executed is told', async () => {
  await chmod(join(copy, 'verify'), 0o644);
  assert.deepEqual(await told(), ['verify:1: found mode 644; chmod +x it']);
});

test("a stage's own file stands in the place of the shared one", async () => {
  await writeFile(join(copy, 'staging/collect'), 'lpbuildbot\n').catch(async () => {
    await cp(join(copy, 'devel'), join(copy, 'staging'), { recursive: true });
    await writeFile(join(copy, 'staging/collect'), 'lpbuildbot\n');
  });
  assert.deepEqual(await told(), ['staging/collect:1: found only "lpbuildbot"; write DESTINATION SOURCE']);
});

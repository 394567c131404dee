/**
 * The rig's `juju` command: what it prints and how it ends, held against what a real Juju 4.0.14 printed (fixtures/juju), and what it
 * does to the model. Here the model has no machines; test/deploy/rig-juju.test.ts has them.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { unitGone } from './core/controller.ts';
import { statusOf } from './core/status.ts';
import { dispatch } from './juju-command/dispatch.ts';
import type { Ground, Session } from './juju-command/session.ts';
import { startJujuCommand } from './juju-command/start.ts';
import { packTestCharm } from './probe-charm.ts';
import { probe, related, Scene } from './scene.ts';

const fixtures = join(import.meta.dirname, 'fixtures/juju/run');

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function groundOf(scene: Scene): Ground {
  const { world } = scene;
  const machines = () => new Set([...world.units.values()].map(({ machine }) => machine));
  return {
    world,
    now: () => scene.now,
    check: () => {},
    status: () =>
      statusOf(
        world,
        new Map([...machines()].map((id) => [id, { state: 'started', instance: `juju-${id}` }])),
        () => '23 Nov 2026 02:24:03Z',
        new Date(0),
      ),
    addMachine: () => String(machines().size),
    placed: (unit) => scene.up(unit.name),
    removeMachine: async (machine) => {
      for (const unit of world.units.values()) if (unit.machine === machine) unitGone(world, unit, scene.now);
    },
    instance: (machine) => `juju-${machine}`,
  };
}

/** A client in that directory; time passes for the model while it waits. */
class Client {
  readonly scene: Scene;
  readonly session: Session;
  directory = '/';

  constructor(scene: Scene, model: Session['model'] = 'there') {
    this.scene = scene;
    this.session = { ground: groundOf(scene), controller: 'rig', model };
  }

  async juju(...args: readonly string[]): Promise<Ran> {
    const said = { stdout: '', stderr: '' };
    let passing = Promise.resolve();
    const timer = setInterval(() => {
      passing = passing.then(() => this.scene.pass(200));
    }, 5);
    try {
      const code = await dispatch(this.session, args, {
        directory: this.directory,
        environment: { HOME: '/home/me' },
        input: undefined,
        out: (text) => {
          said.stdout += text;
        },
        err: (text) => {
          said.stderr += text;
        },
      });
      return { code, ...said };
    } finally {
      clearInterval(timer);
      await passing;
    }
  }

  async answer(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.juju(...args);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  async refusal(...args: readonly string[]): Promise<string> {
    const { code, stderr } = await this.juju(...args);
    assert.notEqual(code, 0, 'it is refused');
    return `${code} ${stderr.trimEnd()}`;
  }
}

/** Numbers of tasks and times are not the recorded ones. */
function plainNumbers(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC/g, 'TIME')
    .replace(/^\d\d:\d\d:\d\d /gm, 'TIME ')
    .replace(/(operation|Operation|task|Action id|id)( "?)\d+/g, '$1$2N')
    .replace(/"id": ?"\d+"/g, '"id":"N"');
}

function asJson(text: string): unknown {
  return JSON.parse(plainNumbers(text));
}

const recordedJson = (name: string): unknown => asJson(readFileSync(join(fixtures, `${name}.json`), 'utf8'));

/** Parts of a recording of a command whose two streams were kept apart. */
function recordedText(name: string): Ran {
  const text = readFileSync(join(fixtures, `${name}.txt`), 'utf8');
  const [, code = '', stdout = '', stderr = ''] =
    /^\$ .*\nrc (\d+)\n--- stdout\n([\s\S]*?)--- stderr\n([\s\S]*)$/.exec(text) ?? [];
  return { code: Number(code), stdout: plainNumbers(stdout), stderr: plainNumbers(stderr) };
}

type Script = ReturnType<Scene['behave']>;

async function withAction(action: string, ...scripts: readonly Script[]): Promise<Client> {
  const scene = await related();
  scene.when('probe/0', `actions/${action}`, ...scripts);
  return new Client(scene);
}

const said: Script = {
  calls: [
    ['action-set', 'answer=42', 'outer.inner=1'],
    ['action-log', 'half way'],
  ],
  end: { kind: 'exit', code: 0, stdout: 'line on stdout\n', stderr: 'line on stderr\n' },
};

for (const { name, args, action = 'plain', script = {} } of [
  { name: 'plain-table', args: ['probe/0', 'plain'] },
  { name: 'exit-3-table', args: ['probe/0', 'plain'], script: { end: { kind: 'exit', code: 3 } } },
  {
    name: 'action-fail-table',
    args: ['probe/0', 'plain'],
    script: {
      calls: [['action-fail', 'it went wrong']],
      end: { kind: 'exit', code: 0, stdout: 'output\n' },
    },
  },
  { name: 'params-table', args: ['probe/0', 'params', 'word=x'], action: 'params', script: said },
  { name: 'unknown-unit', args: ['probe/9', 'plain'] },
] satisfies readonly { name: string; args: string[]; action?: string; script?: Script }[]) {
  test(`juju run prints as recorded: ${name}`, async () => {
    const client = await withAction(action, script);
    const { code, stdout, stderr } = await client.juju('run', ...args);
    assert.deepEqual(
      { code, stdout: plainNumbers(stdout), stderr: plainNumbers(stderr) },
      recordedText(name),
    );
  });
}

for (const { name, args, script = {}, code = 0 } of [
  { name: 'leader', args: ['probe/leader', 'plain'] },
  { name: 'two-units', args: ['probe/0', 'probe/1', 'plain'] },
  {
    name: 'exit-1',
    args: ['probe/0', 'plain'],
    script: {
      calls: [['action-set', 'partial=result']],
      end: { kind: 'exit', code: 1, stderr: 'Traceback: boom\n' },
    },
    code: 1,
  },
  {
    name: 'action-fail',
    args: ['probe/0', 'plain'],
    script: {
      calls: [
        ['action-set', 'partial=result'],
        ['action-fail', 'a reason'],
        ['action-fail', 'another reason'],
        ['action-set', 'late=yes'],
      ],
      end: { kind: 'exit', code: 0, stdout: 'some output\n' },
    },
  },
  { name: 'action-fail-no-message', args: ['probe/0', 'plain'], script: { calls: [['action-fail']] } },
  { name: 'missing-required', args: ['probe/0', 'params'] },
  { name: 'unknown-parameter-refused', args: ['probe/0', 'params', 'word=x', 'nope=1'] },
  { name: 'wrong-type', args: ['probe/0', 'params', 'word=x', 'count=many'] },
  { name: 'not-in-enum', args: ['probe/0', 'params', 'word=x', 'choice=blue'] },
  { name: 'below-minimum', args: ['probe/0', 'params', 'word=x', 'count=0'] },
  { name: 'params-all', args: ['probe/0', 'params', 'word=marco', 'list=[a,b]', 'nested.b=5', 'choice=red'] },
  { name: 'yaml-number-as-word', args: ['probe/0', 'params', 'word=007'] },
] satisfies readonly { name: string; args: string[]; script?: Script; code?: number }[]) {
  test(`juju run --format json answers as recorded: ${name}`, async () => {
    const client = await withAction('plain', script);
    const ran = await client.juju('run', ...args, '--format', 'json');
    assert.deepEqual(asJson(ran.stdout), recordedJson(name));
    assert.equal(ran.code, code);
  });
}

test('an action that the charm does not have is refused', async () => {
  const client = await withAction('plain');
  assert.equal(
    await client.refusal('run', 'probe/0', 'nope', '--format', 'json'),
    '1 ERROR action "nope" not defined for unit "probe/0". (not found)',
  );
});

test('one that takes too long is not waited for', async () => {
  const client = await withAction('plain', { milliseconds: 1_000_000_000 });
  assert.match(
    await client.refusal('run', 'probe/0', 'plain', '--wait', '50ms'),
    /^1 [\s\S]*ERROR timed out waiting for results from: unit probe\/0$/,
  );
});

test('juju exec prints what the command printed, and ends with 1 when the command did not end with 0', async () => {
  const client = await withAction('juju-exec', {
    end: { kind: 'exit', code: 4, stdout: 'out\n', stderr: 'err' },
  });
  const ran = await client.juju('exec', '--unit', 'probe/0', '--', 'sh', '-c', 'echo out');
  assert.equal(ran.stdout, 'out\nerr\n');
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /^ERROR the following task failed:\n - id "\d+" with return code 4\n/);
  const [task] = [...client.scene.world.tasks.values()].filter(({ action }) => action === 'juju-exec');
  assert.equal(task?.command, "sh -c 'echo out'");
});

test('juju show-unit shows databags, as recorded', async () => {
  const scene = await related();
  const client = new Client(scene);
  const shown = JSON.parse(await client.answer('show-unit', 'taker/0', '--format', 'json'));
  const keys = (value: unknown): unknown =>
    typeof value !== 'object' || value === null
      ? typeof value
      : Array.isArray(value)
        ? value.map(keys)
        : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, keys(inner)]));
  const recorded = JSON.parse(readFileSync(join(fixtures, 'show-unit-taker.json'), 'utf8'));
  // The recorded one had set a version.
  delete recorded['taker/0']['workload-version'];
  assert.deepEqual(keys(shown), keys(recorded));
  const yaml = await client.answer('show-unit', 'taker/0');
  const [, ...lines] = readFileSync(join(fixtures, 'show-unit-taker.txt'), 'utf8')
    .replace(/ {2}workload-version.*\n/, '')
    .replace('relation-id: 2', 'relation-id: 1')
    .replace('machine: "2"', 'machine: for taker 2')
    .replace(/192\.0\.2\.\d+/g, '192.0.2.10')
    .split('\n');
  assert.deepEqual(yaml.split('\n'), lines);
});

test('settings are set, read, reset, and refused in the words of Juju', async (t) => {
  const client = new Client(await related());
  client.directory = await temporary(t);
  await writeFile(join(client.directory, 'text'), 'two\nlines\n');
  await writeFile(join(client.directory, 'all.yaml'), 'probe: { number: 8, flag: false }\n');
  await client.answer('config', 'probe', 'text=@text', 'fraction=0.25');
  await client.answer('config', 'probe', '--file', 'all.yaml');
  assert.equal(await client.answer('config', 'probe', 'text'), 'two\nlines\n\n');
  assert.equal(await client.answer('config', 'probe', 'number'), '8\n');
  await client.answer('config', 'probe', '--reset', 'number,flag');
  assert.equal(await client.answer('config', 'probe', 'number'), '5\n');
  const all = JSON.parse(await client.answer('config', 'probe', '--format', 'json'));
  assert.deepEqual(all.settings.fraction, { default: 1.5, source: 'user', type: 'float', value: 0.25 });
  assert.equal(
    await client.refusal('config', 'probe', 'number=many'),
    '1 ERROR option "number" expected int, got "many"',
  );
  assert.equal(
    await client.refusal('config', 'probe', 'nope=1'),
    '1 ERROR invalid application config: unknown option "nope"',
  );
  assert.match(await client.refusal('config', 'probe', 'number', 'flag=true'), /^2 .*simultaneously$/);
  assert.match(await client.refusal('config', 'nope', 'number=1'), /^1 ERROR application "nope" not found$/);
});

test('a charm is deployed with all that its command says, and its units are placed', async (t) => {
  const scene = await related();
  const client = new Client(scene);
  client.directory = await temporary(t);
  const charm = await packTestCharm('probe', client.directory);
  await writeFile(join(client.directory, 'blob'), 'blob');
  const words = ['./probe-1.charm', 'late', '-n', '2', '--to', '0', '--config', 'number=9'];
  const directives = ['--storage', 'disk=rootfs,512M', '--resource', 'blob=./blob'];
  // The scene's machines have names; one is called 0 here.
  await client.juju('deploy', './probe-1.charm', 'first');
  const ran = await client.juju('deploy', ...words.with(5, '0'), ...directives);
  assert.deepEqual(ran, { code: 1, stdout: '', stderr: ran.stderr });
  assert.match(ran.stderr, /ERROR machine 0 not found/);
  await client.answer('deploy', './probe-1.charm', 'third', '-n', '2', ...words.slice(6), ...directives);
  const third = scene.world.applications.get('third');
  assert.equal(third?.charm.path, charm);
  assert.equal(third?.config.get('number'), 9);
  assert.deepEqual([...(third?.storageSizes ?? [])], [['disk', '512M']]);
  assert.equal(third?.resources.get('blob')?.path, join(client.directory, 'blob'));
  assert.deepEqual(
    [...scene.world.units.keys()].filter((name) => name.startsWith('third/')),
    ['third/0', 'third/1'],
  );
  assert.match(await client.refusal('deploy', 'probe-1.charm'), /^1 .*is ambiguous/);
  assert.match(await client.refusal('deploy', 'postgresql'), /^1 .*no Charmhub/);
  assert.match(
    await client.refusal('deploy', './probe-1.charm', 'fourth', '--resource', 'nope=./blob'),
    /^1 .*unrecognized resource "nope"/,
  );
  assert.match(
    await client.refusal('deploy', './probe-1.charm', 'fourth', '--constraints', 'mem=4G colour=blue'),
    /^1 .*invalid constraints "mem=4G colour=blue"/,
  );
});

test('a bundle is deployed with its overlays, and deployed again where something is missing', async (t) => {
  const scene = new Scene();
  const client = new Client(scene);
  client.directory = await temporary(t);
  await packTestCharm('probe', client.directory);
  await packTestCharm('taker', client.directory);
  await writeFile(
    join(client.directory, 'bundle.yaml'),
    `
default-base: ubuntu@24.04
applications:
  probe: { charm: ./probe-1.charm, num_units: 1, options: { number: 8 }, storage: { disk: 512M } }
  taker: { charm: from-a-store, num_units: 2 }
relations: [["probe:data", "taker:upstream"]]
`,
  );
  await writeFile(join(client.directory, 'words'), 'of a file');
  await writeFile(
    join(client.directory, 'over.yaml'),
    `
applications:
  probe: { options: { text: "include-file://words" } }
  taker: { charm: ./taker-1.charm, num_units: 1 }
`,
  );
  const deploy = ['deploy', './bundle.yaml', '--overlay', 'over.yaml'];
  assert.match(await client.refusal('deploy', './bundle.yaml'), /^1 .*no Charmhub: the charm of "taker"/);
  assert.match(await client.answer(...deploy), /^- add relation probe:data - taker:upstream$/m);
  await scene.settle();
  const { applications, units, relations } = scene.world;
  assert.equal(applications.get('probe')?.config.get('text'), 'of a file');
  assert.deepEqual([...units.keys()], ['probe/0', 'taker/0']);
  assert.equal([...relations.values()].filter(({ ends }) => ends.length === 2).length, 1);
  await writeFile(
    join(client.directory, 'more.yaml'),
    'applications: { taker: { num_units: 2 }, probe: { options: { number: 9 } } }',
  );
  await client.answer(...deploy, '--overlay', 'more.yaml');
  assert.deepEqual([...units.keys()], ['probe/0', 'taker/0', 'taker/1']);
  assert.equal(applications.get('probe')?.config.get('number'), 9);
  assert.equal(applications.get('probe')?.revision, 1);
  assert.equal([...relations.values()].filter(({ ends }) => ends.length === 2).length, 1);
  await writeFile(join(client.directory, 'wrong.yaml'), 'applications: { probe: { options: { nope: 1 } } }');
  assert.match(
    await client.refusal(...deploy, '--overlay', 'wrong.yaml'),
    /^1 .*cannot deploy bundle: application "probe": configuration option "nope" not found/,
  );
});

test('applications are related by their endpoints or by what fits, and parted', async () => {
  const scene = new Scene();
  const client = new Client(scene);
  scene.deploy(probe, 'probe');
  scene.deploy((await related()).world.applications.get('taker')?.charm ?? assert.fail(), 'taker');
  await scene.settle();
  await client.answer('integrate', 'probe', 'taker');
  const shown = await client.answer('status', '--relations');
  assert.match(shown, /^probe:data +taker:upstream +probe-data +regular/m);
  assert.match(await client.refusal('relate', 'probe:data', 'taker'), /^1 .*already exists/);
  await client.answer('remove-relation', 'taker', 'probe');
  await scene.settle();
  assert.doesNotMatch(await client.answer('status', '--relations'), /upstream/);
  assert.match(await client.refusal('integrate', 'probe', 'probe'), /^1 .*cannot relate/);
});

test('units come and go, and storage is not lost by mistake', async () => {
  const client = new Client(await related());
  await client.answer('add-unit', 'taker', '-n', '2');
  assert.deepEqual(
    [...client.scene.world.units.keys()].filter((name) => name.startsWith('taker')),
    ['taker/0', 'taker/1', 'taker/2'],
  );
  assert.match(await client.refusal('remove-unit', 'taker/1'), /^1 .*--no-prompt/);
  assert.equal(await client.answer('remove-unit', 'taker/1', '--no-prompt'), 'will remove unit taker/1\n');
  assert.match(await client.refusal('remove-unit', 'probe/1', '--no-prompt'), /^1 .*--destroy-storage/);
  assert.equal(
    await client.answer('remove-application', 'probe', '--no-prompt', '--destroy-storage'),
    [
      'will remove application probe',
      '- will remove unit probe/0',
      '- will remove unit probe/1',
      '- will remove storage disk/0',
      '- will remove storage disk/1',
      '',
    ].join('\n'),
  );
  await client.scene.settle();
  assert.deepEqual([...client.scene.world.applications.keys()], ['taker']);
});

test('a lost machine is removed by force, and the others are told that its unit departed', async () => {
  const client = new Client(await related());
  const machine = client.scene.world.units.get('probe/0')?.machine ?? '';
  assert.match(
    await client.refusal('remove-machine', machine, '--no-prompt'),
    /^1 .*has unit\(s\) probe\/0 assigned/,
  );
  await client.answer('remove-machine', machine, '--force', '--no-prompt');
  await client.scene.settle();
  const ran = client.scene.takeRan();
  assert.equal(ran['probe/0'], undefined);
  assert.deepEqual(ran['taker/0'], ['upstream-relation-departed probe/0']);
});

test('secrets are added, with contents from files, updated and granted by name or address', async (t) => {
  const client = new Client(await related());
  client.directory = await temporary(t);
  await writeFile(join(client.directory, 'key'), 'one\ntwo\n');
  const uri = (await client.answer('add-secret', 'site', 'ssh-key#file=key', 'word=a=b')).trim();
  assert.match(uri, /^secret:[0-9a-v]{20}$/);
  const secret = client.scene.world.secrets.get(uri.slice('secret:'.length));
  assert.deepEqual(secret?.revisions.at(-1)?.content, { 'ssh-key': 'one\ntwo\n', word: 'a=b' });
  await client.answer('update-secret', uri, 'word=other');
  assert.deepEqual(secret?.revisions.at(-1), { revision: 2, content: { word: 'other' } });
  await client.answer('grant-secret', 'site', 'probe');
  assert.deepEqual(
    secret?.grants.map(({ target }) => target),
    ['application-probe'],
  );
  const shown = JSON.parse(await client.answer('show-secret', 'site', '--revisions', '--format', 'json'));
  assert.deepEqual(Object.values(shown), [
    {
      revision: 2,
      rotation: 'never',
      owner: '<model>',
      name: 'site',
      revisions: [
        { revision: 1, backend: 'internal' },
        { revision: 2, backend: 'internal' },
      ],
      access: [
        {
          target: 'application-probe',
          scope: `model-${client.scene.world.model.uuid}`,
          role: 'view',
        },
      ],
    },
  ]);
  assert.match(await client.refusal('show-secret', 'nope'), /not found$/);
  assert.match(await client.refusal('add-secret', 'site', 'word=again'), /^1 .*already exists/);
  assert.match(await client.refusal('add-secret', 'other', 'Word=x'), /^2 ERROR key "Word" not valid$/);
  assert.match(await client.refusal('grant-secret', 'nope', 'probe'), /^1 .*not found/);
});

test('a failed hook is resolved', async () => {
  const scene = await related();
  const client = new Client(scene);
  scene.when('probe/0', 'config-changed', { end: { kind: 'exit', code: 1 } });
  await client.answer('config', 'probe', 'number=12');
  await scene.pass(2000);
  assert.match(await client.answer('status'), /^probe\/0\* +error +idle .*hook failed: "config-changed"$/m);
  await client.answer('resolved', 'probe/0');
  await scene.settle();
  assert.doesNotMatch(await client.answer('status'), /error/);
  assert.match(await client.refusal('resolve', 'probe/0'), /^1 .*unit is not in error state$/);
});

test('options that a command does not have are refused, and those that the rig cannot follow as well', async () => {
  const client = new Client(await related());
  assert.equal(
    await client.refusal('status', '--cheese'),
    '2 ERROR option provided but not defined: --cheese',
  );
  assert.equal(await client.refusal('config', '-x'), '2 ERROR option provided but not defined: -x');
  assert.equal(await client.refusal('status', '--format'), '2 ERROR option needs an argument: --format');
  assert.match(await client.refusal('status', '--format', 'xml'), /^2 .*unknown format "xml"$/);
  assert.match(await client.refusal('deploy', './x', '--channel', 'edge'), /^2 .*cannot follow.*--channel$/);
  assert.equal(
    await client.refusal('wait-for', 'unit', 'probe/0'),
    '2 ERROR juju: "wait-for" is not a juju command. See "juju --help".',
  );
  assert.match(await client.refusal('status', '-m', 'other'), /^1 ERROR model rig:admin\/other not found$/);
});

test('a laptop begins without a model, makes one, and destroys it with all that is in it', async () => {
  const client = new Client(await related(), 'none');
  assert.match(await client.refusal('status'), /^1 ERROR No model in focus/);
  await client.answer('add-model', 'tutorial');
  assert.equal(await client.answer('switch'), 'rig:admin/tutorial\n');
  assert.match(await client.answer('models'), /^tutorial\* /m);
  assert.equal(JSON.parse(await client.answer('whoami', '--format', 'json')).model, 'tutorial');
  await client.answer('destroy-model', 'tutorial', '--no-prompt', '--destroy-storage');
  assert.equal(client.scene.world.units.size, 0);
  assert.match(await client.refusal('status'), /^1 ERROR No model in focus/);
});

test('the status is one line of JSON, of the recorded shape', async () => {
  const client = new Client(await related());
  const text = await client.answer('status', '--format', 'json');
  assert.match(text, /^[^\n]*\n$/);
  const status = JSON.parse(text);
  assert.deepEqual(Object.keys(status), ['model', 'machines', 'applications', 'storage', 'controller']);
  const recorded = JSON.parse(
    readFileSync(join(fixtures, '../tables/two-applications-and-a-pair.json'), 'utf8'),
  );
  const same = (mine: object, real: object): void => {
    for (const key of Object.keys(mine)) assert.ok(key in real, `${key} is no key of Juju's`);
  };
  same(status.model, recorded.model);
  same(status.applications.taker, recorded.applications.taker);
  same(status.applications.probe.units['probe/0'], recorded.applications.late.units['late/1']);
  assert.deepEqual(status.applications.taker.relations, {
    upstream: [{ 'related-application': 'probe', interface: 'probe-data', scope: 'global' }],
  });
});

test('the executable gives words, directory and input on, and ends as the command does', async (t) => {
  const scene = await related();
  const command = await startJujuCommand(groundOf(scene));
  t.after(() => command.close());
  const directory = await temporary(t);
  await writeFile(join(directory, 'word'), 'from a file');
  const shell = async (script: string, input?: string) =>
    await execa('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: directory,
      env: { PATH: `${command.directory}:${process.env.PATH}` },
      reject: false,
      ...(input === undefined ? { stdin: 'ignore' } : { input }),
    });
  assert.equal((await shell('juju config probe text=@word; juju config probe text')).stdout, 'from a file');
  assert.equal(
    (await shell('juju config probe --file -; juju config probe number', 'probe: { number: 77 }\n')).stdout,
    '77',
  );
  const failed = await shell('juju config probe nope=1 || echo "code $?"; juju frobnicate');
  assert.match(failed.stdout, /^code 1$/);
  assert.equal(failed.exitCode, 2);
  const loop = await shell('while read -r key; do juju config probe "$key"; done', 'number\nflag\n');
  assert.equal(loop.stdout, '77\ntrue', 'a command that reads nothing leaves the input to the loop');
  assert.deepEqual(command.calls[0], ['config', 'probe', 'text=@word']);
});

async function temporary(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'juju-command-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

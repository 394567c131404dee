/** verify, on answers of a juju that only plays one: each line green, and red for each thing that it looks at. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { execa } from 'execa';

const verify = join(import.meta.dirname, '../../mojo-spec/verify');
const now = Date.now() / 1000;

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'verify-'));
  const fake = join(import.meta.dirname, 'fake_juju.py');
  const script = `#!/bin/sh
exec python3 '${fake}' "$@"
`;
  await writeFile(join(directory, 'juju'), script, { mode: 0o755 });
});
after(async () => {
  await rm(directory, { recursive: true });
});

type Change = (answers: ReturnType<typeof healthy>) => void;

const unit = (address: string, message: string) => ({
  'workload-status': { current: 'active', message },
  'juju-status': { current: 'idle' },
  machine: '0',
  'public-address': address,
});

const workerFacts = () => ({
  services: { 'buildslave.service': 'active' },
  charm: { version: '1.0', digest: 'w' },
  secrets: { files: 2, readable: [] as { file: string; user: string }[] },
  helpers: '1.4.0',
  images: [{ name: 'focal', state: 'current' }] as { name: string; state: string }[] | null,
  doctor: [] as { check: string; verdict: string; sentence: string }[],
});

function healthy() {
  return {
    status: {
      machines: { '0': { 'juju-status': { current: 'started' } } },
      applications: {
        'buildbot-master': {
          version: '4.3.0',
          relations: {
            workers: [
              { 'related-application': 'buildbot-worker' },
              { 'related-application': 'buildbot-worker-canary' },
            ],
          },
          units: { 'buildbot-master/0': unit('10.0.0.1', '2 of 2 workers') },
        },
        'buildbot-worker': { units: { 'buildbot-worker/0': unit('10.0.0.2', 'focal') } },
        'buildbot-worker-canary': { units: { 'buildbot-worker-canary/0': unit('10.0.0.3', 'focal') } },
        other: { units: { 'other/0': { ...unit('10.0.0.4', ''), 'juju-status': { current: 'lost' } } } },
      },
    },
    units: {
      'buildbot-master/0': {
        services: { 'buildmaster.service': 'active', 'lpbuildbot-promotion.service': 'active' },
        charm: { version: '1.0', digest: 'm' },
        secrets: { files: 5, readable: [] as { file: string; user: string }[] },
        buildbot: {
          workers: [
            { name: 'buildbot-worker-0', connected_to: [{ masterid: 1 }], configured_on: [{}] },
            { name: 'buildbot-worker-canary-0', connected_to: [{ masterid: 1 }], configured_on: [{}] },
          ] as { name: string; connected_to: object[]; configured_on: object[] }[] | null,
          builders: [
            {
              name: 'slow',
              builds: [
                {
                  number: 3,
                  complete: true,
                  results: 0,
                  started_at: now - 9000,
                  complete_at: now - 5400,
                },
              ],
            },
            {
              name: 'quick',
              builds: [
                { number: 8, complete: false, results: null, started_at: now, complete_at: null },
                { number: 7, complete: true, results: 0, started_at: now - 130, complete_at: now - 120 },
              ],
            },
          ] as { name: string; builds: Record<string, unknown>[] }[] | null,
          building: 1,
        },
        promotion: {
          mode: 'active',
          health: { status: 'ok', events: 'connected', buildbot: 'ok', remotes: [] as object[] },
        } as { mode: string; health?: Record<string, unknown> | null },
        web: { url: 'http://10.0.0.1:8010/', problem: null as string | null },
      },
      'buildbot-worker/0': workerFacts(),
      'buildbot-worker-canary/0': workerFacts(),
    },
    actions: {
      'force-build': { status: 'completed', results: { request: '12' } } as Record<string, unknown>,
      'check-push': {
        status: 'completed',
        results: { result: 'stable: may be pushed to ssh://x\ndb-stable: may be pushed to ssh://x' },
      } as Record<string, unknown>,
    },
    readers: ['application-buildbot-master'],
    request: {
      complete: true,
      results: 0,
      build: 9,
      state: 'build successful',
      worker: 'buildbot-worker-0',
    } as Record<string, unknown>,
  };
}

async function run(change: Change = () => {}, words: readonly string[] = []) {
  const answers = healthy();
  change(answers);
  const file = join(directory, 'answers.json');
  await writeFile(file, JSON.stringify(answers));
  const { exitCode, stdout, stderr } = await execa(verify, words, {
    env: { PATH: `${directory}:${process.env.PATH}`, ANSWERS: file },
    reject: false,
  });
  return { code: exitCode, stdout, stderr };
}

test('all is well: a line each, and exit code 0', async () => {
  const { code, stdout, stderr } = await run();
  assert.equal(code, 0, stderr);
  assert.deepEqual(stdout.replace(/\d+ s\b/g, 'N s').split('\n'), [
    'ok        units      3 units active',
    'ok        services   buildmaster, buildslave, lpbuildbot-promotion on 3 units',
    'ok        versions   Buildbot 4.3.0; charms 1.0; helpers 1.4.0',
    'ok        workers    2 of 2 connected; focal',
    'ok        probe      quick #9 was green in N s on buildbot-worker-0',
    'ok        promotion  active; hears of builds; may push db-stable, stable',
    'ok        web        http://10.0.0.1:8010/',
    'ok        secrets    9 files, each readable by its one user',
    'all is well, in N s',
  ]);
});

interface Red {
  readonly name: string;
  readonly change: Change;
  readonly told: RegExp;
  readonly words?: readonly string[];
}

const reds: readonly Red[] = [
  {
    name: 'a unit is blocked',
    change: ({ status: { applications } }) => {
      applications['buildbot-worker'].units['buildbot-worker/0']['workload-status'] = {
        current: 'blocked',
        message: 'no space',
      };
    },
    told: /^critical {2}units {6}buildbot-worker\/0 is blocked: no space$/m,
  },
  {
    name: 'a unit works on something',
    change: ({ status: { applications } }) => {
      applications['buildbot-worker'].units['buildbot-worker/0']['workload-status'] = {
        current: 'maintenance',
        message: 'creating image focal (1 of 1)',
      };
    },
    told: /^warning {3}units {6}buildbot-worker\/0 is maintenance: creating image/m,
  },
  {
    name: 'an agent is lost',
    change: ({ status: { applications } }) => {
      applications['buildbot-worker'].units['buildbot-worker/0']['juju-status'] = { current: 'lost' };
    },
    told: /^critical {2}units {6}buildbot-worker\/0: the agent is lost$/m,
  },
  {
    name: 'a machine is down',
    change: ({ status: { machines } }) => {
      machines['0']['juju-status'].current = 'down';
    },
    told: /^critical {2}units {6}.*buildbot-master\/0: machine 0 is down/m,
  },
  {
    name: 'no worker is related',
    change: ({ status: { applications } }) => {
      applications['buildbot-master'].relations.workers = [];
    },
    told: /^critical {2}units {6}nothing is related to buildbot-master:workers$/m,
  },
  {
    name: 'a service is dead',
    change: ({ units }) => {
      units['buildbot-worker-canary/0'].services['buildslave.service'] = 'failed';
    },
    told: /^critical {2}services {3}buildbot-worker-canary\/0: buildslave is failed$/m,
  },
  {
    name: 'a unit cannot be asked',
    change: ({ units }) => {
      Object.assign(units, { 'buildbot-worker/0': 'bash: python3: command not found' });
    },
    told: /^critical {2}services {3}buildbot-worker\/0: bash: python3: command not found$/m,
  },
  {
    name: 'no unit can be asked',
    change: ({ units }) => {
      for (const name of Object.keys(units)) Object.assign(units, { [name]: 'connection is shut down' });
    },
    told: /^critical {2}services {3}buildbot-master\/0: connection is shut down; [\s\S]*^critical {2}web {8}the master cannot be asked$/m,
  },
  {
    name: 'helpers are of two versions',
    change: ({ units }) => {
      units['buildbot-worker/0'].helpers = '1.3.0';
    },
    told: /^critical {2}versions {3}buildbot-worker-canary\/0 has helpers 1.4.0; buildbot-worker\/0 has helpers 1.3.0$/m,
  },
  {
    name: 'workers run two charms',
    change: ({ units }) => {
      units['buildbot-worker/0'].charm.digest = 'old';
    },
    told: /^critical {2}versions {3}units of workers run different charms$/m,
  },
  {
    name: 'a worker is not connected',
    change: ({ units }) => {
      const [first] = units['buildbot-master/0'].buildbot.workers ?? [];
      first?.connected_to.pop();
    },
    told: /^critical {2}workers {4}buildbot-worker\/0 is not connected$/m,
  },
  {
    name: 'an image is missing',
    change: ({ units }) => {
      units['buildbot-worker/0'].images = [{ name: 'focal', state: 'missing' }];
    },
    told: /^critical {2}workers {4}buildbot-worker\/0 has no image focal$/m,
  },
  {
    name: 'no worker has what a builder needs',
    change: ({ units }) => {
      const { buildbot } = units['buildbot-master/0'];
      buildbot.workers?.push({ name: 'no-worker-has-jammy', connected_to: [], configured_on: [{}] });
    },
    told: /^critical {2}workers {4}builders wait: no worker has jammy$/m,
  },
  {
    name: 'the doctor finds something',
    change: ({ units }) => {
      units['buildbot-worker/0'].doctor = [
        { check: 'storage', verdict: 'problem', sentence: 'default is full: free some' },
        { check: 'apt', verdict: 'warning', sentence: 'upgrades waiting' },
      ];
    },
    told: /^critical {2}workers {4}buildbot-worker\/0: default is full: free some$/m,
  },
  {
    name: 'Buildbot does not answer',
    change: ({ units }) => {
      const { buildbot } = units['buildbot-master/0'];
      buildbot.workers = null;
      buildbot.builders = null;
    },
    told: /^critical {2}workers {4}Buildbot does not answer\ncritical {2}probe {6}Buildbot does not answer$/m,
  },
  {
    name: 'the probe fails',
    change: (answers) => {
      answers.request = { complete: true, results: 2, build: 9, state: 'failed sh', worker: 'w-0' };
    },
    told: /^critical {2}probe {6}quick #9 ended with failure on w-0: failed sh$/m,
  },
  {
    name: 'the probe is refused',
    change: ({ actions }) => {
      actions['force-build'] = { status: 'failed', message: 'Buildbot does not take it (500)' };
    },
    told: /^critical {2}probe {6}quick: Buildbot does not take it \(500\)$/m,
  },
  {
    name: 'the builder that was asked for is not there',
    change: () => {},
    words: ['--probe-builder', 'nobody'],
    told: /^critical {2}probe {6}there is no builder nobody; there are quick, slow$/m,
  },
  {
    name: 'the worker that was asked for is not there',
    change: () => {},
    words: ['--probe-worker', 'nobody'],
    told: /^critical {2}probe {6}there is no worker nobody$/m,
  },
  {
    name: 'promotion does not answer',
    change: ({ units }) => {
      units['buildbot-master/0'].promotion.health = null;
    },
    told: /^critical {2}promotion {2}it does not answer$/m,
  },
  {
    name: 'promotion stands still',
    change: ({ units }) => {
      const { health } = units['buildbot-master/0'].promotion;
      if (health) health.status = 'stuck';
    },
    told: /^critical {2}promotion {2}it stands still/m,
  },
  {
    name: 'a remote cannot be reached',
    change: ({ units }) => {
      const { health } = units['buildbot-master/0'].promotion;
      if (health) health.remotes = [{ url: 'ssh://x', reason: 'Connection refused' }];
    },
    told: /^critical {2}promotion {2}ssh:\/\/x: Connection refused$/m,
  },
  {
    name: 'a branch may not be pushed',
    change: ({ actions }) => {
      const result = 'db-stable: may be pushed to X\nstable: cannot be pushed to X: Permission denied';
      actions['check-push'] = { status: 'failed', message: result, results: { result } };
    },
    told: /^critical {2}promotion {2}stable: cannot be pushed to X: Permission denied$/m,
  },
  {
    name: 'the page is down',
    change: ({ units }) => {
      units['buildbot-master/0'].web.problem = 'Connection refused';
    },
    told: /^critical {2}web {8}http:\/\/10.0.0.1:8010\/: Connection refused$/m,
  },
  {
    name: 'a secret is open',
    change: ({ units }) => {
      units['buildbot-master/0'].secrets.readable = [
        { file: '/etc/lpbuildbot/promotion/ssh-key', user: 'buildmaster' },
      ];
    },
    told: /^critical {2}secrets {4}buildbot-master\/0: buildmaster can read \/etc\/lpbuildbot\/promotion\/ssh-key$/m,
  },
  {
    name: "somebody else may read the master's secret in the model",
    change: ({ readers }) => {
      readers.push('application-other');
    },
    told: /^critical {2}secrets {4}application-other may read the secret of buildbot-master: juju revoke-secret$/m,
  },
  {
    name: 'there are no secrets where they should be',
    change: ({ units }) => {
      units['buildbot-worker/0'].secrets.files = 0;
    },
    told: /^critical {2}secrets {4}buildbot-worker\/0: there is no secret where they are kept$/m,
  },
];
for (const { name, change, told, words = [] } of reds) {
  test(`it is told when ${name}`, async () => {
    const { code, stdout } = await run(change, words);
    assert.equal(code, 1, stdout);
    assert.match(stdout, told);
    assert.match(stdout.split('\n').at(-1) ?? '', /not well/);
  });
}

test('a probe that takes long is told as that, and is no failure of the system', async () => {
  const { code, stdout } = await run(({ units }) => {
    for (const { builds } of units['buildbot-master/0'].buildbot.builders ?? []) {
      for (const build of builds) if (build.complete === true) build.started_at = now - 9000;
    }
  });
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^skipped {3}probe {6}every builder takes longer than 30 s; name one with PROBE_BUILDER$/m,
  );
  assert.match(stdout, /all is well, in \d+ s \(probe skipped\)$/);
});

test('promotion that is off is not asked', async () => {
  const { code, stdout } = await run(({ units }) => {
    units['buildbot-master/0'].promotion = { mode: 'off' };
  });
  assert.equal(code, 0);
  assert.match(stdout, /^skipped {3}promotion {2}it is switched off/m);
});

test('for Nagios a fresh green build is enough, and all of it is one line', async () => {
  const { code, stdout } = await run(
    ({ actions }) => {
      actions['force-build'] = { status: 'failed', message: 'it was not to be asked' };
    },
    ['--nagios'],
  );
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^LPBUILDBOT OK - 8 checks passed \| time=\d+\.\ds$/);
});

const nagios: readonly (readonly [string, Change, number, RegExp])[] = [
  [
    'critical',
    ({ units }) => {
      units['buildbot-master/0'].web.problem = 'refused | closed';
      units['buildbot-worker/0'].services['buildslave.service'] = 'failed';
    },
    2,
    /^LPBUILDBOT CRITICAL - services: buildbot-worker\/0: buildslave is failed; web: http:\/\/10.0.0.1:8010\/: refused \/ closed \| time=\S+$/,
  ],
  [
    'warning',
    ({ units }) => {
      const { health } = units['buildbot-master/0'].promotion;
      if (health) health.events = 'disconnected';
    },
    1,
    /^LPBUILDBOT WARNING - promotion: it is not connected/,
  ],
  [
    'unknown',
    (answers) => {
      Object.assign(answers, { status: { applications: {} } });
    },
    3,
    /^LPBUILDBOT UNKNOWN - the model has no application buildbot-master$/,
  ],
];
for (const [word, change, expected, told] of nagios) {
  test(`Nagios is told ${word}`, async () => {
    const { code, stdout } = await run(change, ['--nagios']);
    assert.deepEqual([code, told.test(stdout)], [expected, true], stdout);
  });
}

test('what was built is what has to run', async () => {
  const file = join(directory, 'versions.json');
  const versions = {
    master: { version: '1.0', digest: 'm' },
    worker: { version: '1.1', digest: 'new' },
    helpers: '1.5.0',
  };
  await writeFile(file, JSON.stringify(versions));
  const { code, stdout } = await run(() => {}, ['--expect', file]);
  assert.equal(code, 1);
  assert.match(stdout, /buildbot-worker\/0 runs the charm 1\.0, not 1\.1 as built/);
  assert.match(stdout, /buildbot-worker-canary\/0 has helpers 1\.4\.0, not 1\.5\.0/);
});

test('while an upgrade is tried on the canary, the others may be older', async () => {
  const file = join(directory, 'versions.json');
  const versions = {
    master: { version: '1.1', digest: 'new' },
    worker: { version: '1.1', digest: 'new' },
    helpers: '1.5.0',
  };
  await writeFile(file, JSON.stringify(versions));
  const words = ['--expect', file, '--probe-worker', 'buildbot-worker-canary'];
  const canary: Change = ({ units }) => {
    units['buildbot-worker-canary/0'].charm = { version: '1.1', digest: 'new' };
    units['buildbot-worker-canary/0'].helpers = '1.5.0';
  };
  const { code, stdout } = await run(canary, words);
  assert.equal(code, 0, stdout);
  const red = await run((answers) => {
    canary(answers);
    answers.units['buildbot-worker-canary/0'].helpers = '1.4.0';
  }, words);
  assert.match(
    red.stdout,
    /^critical {2}versions {3}buildbot-worker-canary\/0 has helpers 1\.4\.0, not 1\.5\.0$/m,
  );
});

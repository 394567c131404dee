/**
 * The Mojo spec: its stage devel from nothing to a promoted commit; verify, green, and red for each thing that it looks at, broken on
 * purpose and mended; and the upgrade by a canary, while builds run. The cases build on one another.
 */
import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as z from 'zod';
import { waitUntil } from '../support/wait.ts';
import { machineSeries, newerWorkerPackage, packed } from './cases.ts';
import { DevelStage } from './devel-stage.ts';
import { SUCCESS } from './site.ts';

const master = 'buildbot-master/0';
const worker = 'buildbot-worker/0';
const canary = 'buildbot-worker-canary/0';

let stage: DevelStage;

before(async () => {
  stage = await DevelStage.open();
});

after(async () => {
  await stage?.destroy();
});

test('the manifest of devel goes through, and a commit is promoted', async () => {
  const outcome = await stage.run('manifest');
  assert.equal(outcome.kind, 'done', outcome.kind === 'failed' ? outcome.reason : '');
  assert.match(outcome.output, /^all is well, in \d+ s$/m);
  await stage.reaches('stable', await stage.branch('master'));
});

test('manifest-verify is green, under a minute, and changes nothing', async () => {
  const shown = await stage.juju('status', '--format', 'json');
  const started = performance.now();
  const outcome = await stage.run('manifest-verify');
  assert.equal(outcome.kind, 'done', outcome.kind === 'failed' ? outcome.reason : '');
  assert.ok(performance.now() - started < 60_000);
  const revisions = (text: string): readonly string[] => text.match(/"charm-rev":\s*\d+/g) ?? [];
  assert.deepEqual(revisions(await stage.juju('status', '--format', 'json')), revisions(shown));
});

test('no secret is readable by another user, an argument, or in the model', async () => {
  const secret = (await readFile(join(stage.mojo.localDirectory, 'ssh-key'), 'utf8')).split('\n')[1] ?? '';
  assert.ok(secret.length > 20);
  const shown = [
    await stage.juju('status', '--format', 'yaml'),
    await stage.juju('config', 'buildbot-master'),
    await stage.juju('show-unit', master, worker),
  ].join('\n');
  assert.ok(!shown.includes(secret));
});

interface Break {
  readonly name: string;
  readonly breaks: () => Promise<unknown>;
  readonly mends: () => Promise<unknown>;
  /** The lines that are not `ok`. */
  readonly red: Readonly<Record<string, RegExp>>;
  readonly words?: readonly string[];
}

const noProbe = ['--probe-builder', 'none'];
const ssh = async (unit: string, command: string): Promise<void> => {
  const { code, output } = await stage.model.ssh(unit, command);
  assert.equal(code, 0, `${command}\n${output}`);
};
const pipeline = (): string => join(stage.mojo.localDirectory, 'pipeline.yaml');
const key = async (): Promise<string> =>
  (await readFile(join(stage.mojo.localDirectory, 'ssh-key.pub'), 'utf8')).trim();

const breaks: readonly Break[] = [
  {
    name: 'a unit is blocked',
    breaks: async () => {
      await stage.juju('config', 'buildbot-master', 'pipelines=builders: 7');
      await stage.model.waitFor(
        'the master is blocked',
        (status) =>
          status.applications['buildbot-master']?.units[master]?.['workload-status'].current === 'blocked',
      );
    },
    mends: () => stage.juju('config', 'buildbot-master', `pipelines=@${pipeline()}`),
    red: { units: /buildbot-master\/0 is blocked/ },
    words: noProbe,
  },
  {
    name: 'a worker is down',
    breaks: () => ssh(worker, 'systemctl stop buildslave'),
    mends: () => ssh(worker, 'systemctl start buildslave'),
    red: {
      services: /buildbot-worker\/0: buildslave is inactive/,
      workers: /buildbot-worker\/0 is not connected/,
    },
    words: noProbe,
  },
  {
    name: 'a worker has lost an image',
    breaks: () => ssh(canary, 'lxc image alias rename lpbuildbot/plain lpbuildbot/away'),
    mends: () => ssh(canary, 'lxc image alias rename lpbuildbot/away lpbuildbot/plain'),
    red: { workers: /buildbot-worker-canary\/0 has no image plain/ },
    words: noProbe,
  },
  {
    name: 'the master is down',
    breaks: () => ssh(master, 'systemctl stop buildmaster'),
    mends: () => ssh(master, 'systemctl start buildmaster'),
    red: {
      services: /buildbot-master\/0: buildmaster is inactive/,
      workers: /Buildbot does not answer/,
      probe: /Buildbot does not answer/,
      promotion: /not connected|does not answer|Buildbot: /,
      web: /http:\/\/\S+:8010\/: .*refused/i,
    },
  },
  {
    name: 'promotion is down',
    breaks: () => ssh(master, 'systemctl stop lpbuildbot-promotion'),
    mends: () => ssh(master, 'systemctl start lpbuildbot-promotion'),
    red: {
      services: /lpbuildbot-promotion is inactive/,
      promotion: /it does not answer/,
    },
    words: noProbe,
  },
  {
    name: 'the key may not push any more',
    breaks: async () => {
      await stage.juju('config', 'git-server', 'key=');
      await ssh('git-server/0', 'until [ ! -s /srv/git/.ssh/authorized_keys ]; do sleep 0.2; done');
    },
    mends: async () => {
      await stage.juju('config', 'git-server', `key=${await key()}`);
      await ssh('git-server/0', 'until [ -s /srv/git/.ssh/authorized_keys ]; do sleep 0.2; done');
    },
    red: { promotion: /Permission denied/ },
    words: noProbe,
  },
  {
    name: 'a secret is readable by others',
    breaks: async () => {
      await stage.juju('grant-secret', 'buildbot-master', 'git-server');
      await ssh(master, 'chmod 644 /etc/lpbuildbot/master/logins');
    },
    mends: async () => {
      await stage.juju('revoke-secret', 'buildbot-master', 'git-server');
      await ssh(master, 'chmod 600 /etc/lpbuildbot/master/logins');
    },
    red: {
      secrets:
        /lpbuildbot-promotion can read \/etc\/lpbuildbot\/master\/logins; .*application-git-server may read the secret/,
    },
    words: noProbe,
  },
  {
    name: 'what runs is not what was built',
    breaks: () => changeVersions((text) => text.replace(/"helpers": ".*"/, '"helpers": "98.0"')),
    mends: () => changeVersions((text) => text),
    red: { versions: /buildbot-worker\/0 has helpers \S+, not 98\.0/ },
    words: noProbe,
  },
  {
    name: 'builds fail',
    breaks: () => stage.commit('Break', 'false'),
    mends: async () => stage.reaches('stable', await stage.commit('Mend')),
    red: { probe: /check #\d+ ended with failure/ },
  },
];

const versions = (): string => join(stage.root, 'versions.json');

async function changeVersions(change: (text: string) => string): Promise<void> {
  const built = join(stage.mojo.repositoryDirectory, machineSeries(), 'lpbuildbot-versions.json');
  await writeFile(versions(), change(await readFile(built, 'utf8')));
}

/** The checks that are not well, with what is said of them. */
function notWell(output: string): Readonly<Record<string, string>> {
  const lines = output.matchAll(/^(?:warning|critical) +(\w+) +(.*)$/gm);
  return Object.fromEntries([...lines].map(([, check = '', text = '']) => [check, text]));
}

for (const { name, breaks: broken, mends, red, words = [] } of breaks) {
  test(`verify is red when ${name}, says so, and is green when that is mended`, async () => {
    await changeVersions((text) => text);
    const expect = ['--expect', versions()];
    // A hook that comes just then mends some of it: that is what it is for.
    for (let left = 2; ; left -= 1) {
      await broken();
      const { code, output } = await stage.verify(...words, ...expect);
      await mends();
      await waitUntil(
        'it to be green again',
        async () => (await stage.verify(...noProbe, ...expect)).code === 0,
        { timeout: 180_000, every: 500 },
      );
      const found = notWell(output);
      const fits =
        Object.keys(red).every((check) => red[check]?.test(found[check] ?? '')) &&
        Object.keys(found).every((check) => red[check] !== undefined || check === 'units');
      if (fits || left === 0) {
        assert.ok(fits, output);
        assert.equal(code, 1);
        break;
      }
    }
  });
}

test('with a probe it is green, and for Nagios too', async () => {
  await stage.model.waitFor('all active', (status) =>
    Object.values(status.applications).every(({ units }) =>
      Object.values(units).every(
        (unit) => unit['workload-status'].current === 'active' && unit['juju-status'].current === 'idle',
      ),
    ),
  );
  const { code, output } = await stage.verify();
  assert.equal(code, 0, output);
  const nagios = await stage.verify('--nagios');
  assert.match(nagios.output, /^LPBUILDBOT OK - 8 checks passed \| time=\S+$/);
  assert.equal(nagios.code, 0);
});

const buildsSchema = z.object({
  builds: z.array(
    z.object({
      complete: z.boolean(),
      results: z.number().nullable(),
      properties: z.record(z.string(), z.tuple([z.string(), z.unknown()])).nullable(),
    }),
  ),
});

async function buildsOf(revision: string) {
  const { builds } = buildsSchema.parse(JSON.parse(await stage.builds()));
  return builds
    .filter(({ properties }) => properties?.got_revision?.[0] === revision)
    .map(({ complete, results, properties }) => ({
      complete,
      results,
      worker: properties?.workername?.[0],
    }));
}

async function newerPackages(): Promise<{ readonly directory: string; readonly version: string }> {
  const directory = join(stage.root, 'newer');
  await cp(packed(), directory, { recursive: true });
  const { version } = await newerWorkerPackage(directory);
  return { directory, version };
}

async function helpersOf(unit: string): Promise<string> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is dpkg-query's
  const show = "dpkg-query --show --showformat='${Version}' lpbuildbot-worker";
  return (await stage.model.ssh(unit, show)).output;
}

test('a red canary ends the upgrade, and the others stay as they are', async () => {
  const { directory, version } = await newerPackages();
  const before = await helpersOf(worker);
  await stage.commit('Break the canary', 'false');
  const outcome = await stage.run('manifest-upgrade', directory);
  assert.equal(outcome.kind, 'failed');
  assert.match(
    outcome.reason,
    /^verify ended with 1[\s\S]*critical +probe +check #\d+ ended with failure on buildbot-worker-canary-0/,
  );
  assert.deepEqual([await helpersOf(canary), await helpersOf(worker)], [version, before]);
  await stage.reaches('stable', await stage.commit('Mend the canary'));
});

test('an upgrade comes to the canary, then to the rest, while builds run, of which none is lost', async () => {
  const { directory, version } = await newerPackages();
  // Long work that is on the other worker, and goes on through all of it.
  await stage.juju('run', canary, 'drain');
  const slow = await stage.commit(
    'Long work',
    'touch started; until [ -e finish ]; do sleep 0.2; done; rm finish started',
  );
  await stage.begins(worker);
  await stage.juju('run', canary, 'undrain');
  const quick = await stage.commit('Short work');
  const upgrade = stage.run('manifest-upgrade', directory);
  await stage.model.waitFor(
    'the rest is upgraded',
    (status) => (status.applications['buildbot-worker']?.['charm-rev'] ?? 0) > 0,
    900,
  );
  assert.equal(await helpersOf(canary), version, 'the canary was first');
  assert.deepEqual(
    (await buildsOf(slow)).map(({ complete }) => complete),
    [false],
    'the long work goes on',
  );
  await stage.finish(worker);
  const outcome = await upgrade;
  assert.equal(outcome.kind, 'done', outcome.kind === 'failed' ? outcome.reason : '');
  assert.equal(await helpersOf(worker), version);
  assert.deepEqual(await buildsOf(slow), [{ complete: true, results: SUCCESS, worker: 'buildbot-worker-0' }]);
  const others = await buildsOf(quick);
  assert.ok(others.every(({ complete, results }) => complete && results === SUCCESS));
  assert.ok(
    others.some(({ worker: name }) => name === 'buildbot-worker-canary-0'),
    'the canary has built',
  );
  await stage.reaches('stable', quick);
});

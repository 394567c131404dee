/** The bundle of this project, with each of its overlays: deployable, and with nothing in it that its charms do not know. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCharmcraft } from '@lpbuildbot/juju/testing';
import { loadRecipes } from '@lpbuildbot/worker-helpers/recipes';
import { readBundle } from './juju-bundle.ts';
import { bundleProblems, type KnownCharm } from './juju-bundle-problems.ts';
import { brokenRules } from './juju-bundle-rules.ts';
import type { Bundle } from './juju-bundle-schema.ts';
import { newestRelease } from './pack-changelog.ts';

const root = join(import.meta.dirname, '../..');
const secret = 'secret:d61a8h2l00hs768h4c30';

/** The bundle in a directory of its own, with a site's files beside it and what `npm run pack` leaves in dist/. */
function site(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'bundle-'));
  t.after(() => rmSync(directory, { recursive: true }));
  cpSync(join(root, 'bundle'), join(directory, 'bundle'), { recursive: true });
  const own = join(directory, 'bundle/site');
  writeFileSync(join(own, 'master-secret'), secret);
  writeFileSync(join(own, 'package-source'), 'https://apt.example.com/lpbuildbot stable main');
  writeFileSync(join(own, 'package-key.asc'), '-----BEGIN PGP PUBLIC KEY BLOCK-----\n');
  mkdirSync(join(directory, 'dist'));
  const changelog = readFileSync(join(root, 'debian/changelog'), 'utf8');
  const version = newestRelease(changelog)?.version;
  for (const file of [
    ...['amd64', 'arm64'].flatMap((each) => [
      `lpbuildbot-master_${each}.charm`,
      `lpbuildbot-worker_${each}.charm`,
    ]),
    `lpbuildbot-worker_${version}_all.deb`,
  ]) {
    writeFileSync(join(directory, 'dist', file), '');
  }
  return directory;
}

function read(directory: string, ...overlays: readonly string[]): Bundle {
  return readBundle(
    join(directory, 'bundle/bundle.yaml'),
    overlays.map((name) => join(directory, 'bundle/overlays', `${name}.yaml`)),
  );
}

/** By what the bundle calls them. */
function charmsOf({ applications }: Bundle): Map<string, KnownCharm> {
  return new Map(
    Object.values(applications).map(({ charm }) => {
      const kind = /lpbuildbot-(master|worker)/.exec(charm ?? '')?.[1];
      const known = readCharmcraft(join(root, `charms/${kind}/charmcraft.yaml`));
      const options = Object.entries(known.options).map(([name, { type }]) => [name, type]);
      return [
        charm ?? '',
        {
          options: Object.fromEntries(options),
          endpoints: [...known.endpoints.keys()],
          storage: Object.keys(known.storage),
          resources: known.resources,
        },
      ];
    }),
  );
}

const overlays = readdirSync(join(root, 'bundle/overlays')).map((file) => file.replace('.yaml', ''));

for (const overlay of [undefined, ...overlays]) {
  const name = overlay ?? 'no overlay';
  test(`the bundle with ${name} has no problems, and breaks none of the published rules`, async (t) => {
    const bundle = read(site(t), ...(overlay === undefined ? [] : [overlay]));
    assert.deepEqual(bundleProblems(bundle, charmsOf(bundle)), []);
    assert.deepEqual(await brokenRules(bundle), []);
  });

  test(`every worker of the bundle with ${name} is related to the one master, and no images are wrong`, async (t) => {
    const directory = site(t);
    const bundle = read(directory, ...(overlay === undefined ? [] : [overlay]));
    const workers = Object.keys(bundle.applications).filter((each) => each !== 'buildbot-master');
    assert.deepEqual(
      bundle.relations.map(([, worker]) => worker).toSorted(),
      workers.map((worker) => `${worker}:master`).toSorted(),
    );
    assert.equal(bundle.applications['buildbot-master']?.num_units, 1);
    for (const worker of workers) {
      const images = bundle.applications[worker]?.options?.images;
      if (images === undefined) continue;
      const recipes = join(directory, worker);
      mkdirSync(recipes);
      writeFileSync(join(recipes, 'juju.yaml'), String(images));
      assert.equal((await loadRecipes(recipes)).kind, 'accepted', String(images));
    }
  });
}

test('the published rules do find what is wrong', async (t) => {
  const bundle = read(site(t), 'local');
  const broken = await brokenRules({
    ...bundle,
    relations: [...bundle.relations, ['buildbot-master', 'nobody:end']],
  });
  assert.deepEqual(broken, [
    'relation buildbot-master -> nobody:end endpoint nobody:end refers to a non-existent service nobody',
  ]);
});

test('the local overlay takes what npm run pack makes, and the site gives the rest', (t) => {
  const directory = site(t);
  const { applications } = read(directory, 'local');
  assert.equal(applications['buildbot-master']?.charm, join(directory, 'dist/lpbuildbot-master_amd64.charm'));
  assert.deepEqual(applications['buildbot-worker']?.resources, {
    'worker-deb': join(
      directory,
      'dist',
      readdirSync(join(directory, 'dist')).find((file) => file.endsWith('.deb')) ?? '',
    ),
  });
});

test("the documentation's overlay can be laid over the local one", (t) => {
  const directory = site(t);
  const page = readFileSync(join(root, 'docs/reference/bundle.md'), 'utf8');
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  writeFileSync(join(directory, 'bundle/overlays/own.yaml'), example);
  writeFileSync(join(directory, 'bundle/overlays/pipeline.yaml'), 'project: mine\n');
  const bundle = read(directory, 'local', 'own');
  assert.deepEqual(bundleProblems(bundle, charmsOf(bundle)), []);
  assert.equal(bundle.applications['buildbot-worker']?.num_units, 4);
  assert.equal(bundle.applications['buildbot-master']?.options?.pipelines, 'project: mine\n');
});

test('the two local overlays differ in nothing but the architecture', (t) => {
  const text = (name: string): string => readFileSync(join(site(t), 'bundle/overlays', name), 'utf8');
  assert.equal(text('local-arm64.yaml').replaceAll('arm64', 'amd64'), text('local.yaml'));
});

test('staging pushes nothing, production does, and both have the secret of the site', (t) => {
  const directory = site(t);
  const options = (overlay: string) => read(directory, overlay).applications['buildbot-master']?.options;
  assert.equal(options('staging')?.promotion, 'shadow');
  assert.equal(options('production')?.promotion, 'active');
  assert.equal(options('staging')?.secrets, secret);
  assert.equal(options('production')?.secrets, secret);
});

test('production has workers by family of images, and not those of the bundle itself', (t) => {
  const { applications } = read(site(t), 'production');
  assert.deepEqual(Object.keys(applications), [
    'buildbot-master',
    'buildbot-worker-focal',
    'buildbot-worker-jammy',
    'buildbot-worker-noble',
  ]);
});

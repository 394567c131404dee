/**
 * Deploys the world of the cases as an operator would: the bundle with its local overlay, and over it an overlay of the site's own, with
 * the secret, the pipeline and the images. Beside it stand a git server, and a machine with another unit on it.
 */
import { cp, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thisArchitecture } from '../../scripts/lib/pack-node.ts';
import { packTestCharm } from '../rig/probe-charm.ts';
import { openModel, packed } from './cases.ts';
import { type Model, settled, unitsIn } from './model.ts';
import { newKey, Site, work } from './site.ts';

const root = join(import.meta.dirname, '../..');
const testdata = join(import.meta.dirname, 'testdata');

/** The master and two workers, the second on the machine of the witness. Not waited for; the git server is there. */
export async function deploySite(): Promise<Site> {
  const site = new Site(await openModel('site'), await mkdtemp(join(tmpdir(), 'site-')));
  try {
    const witness = await packTestCharm('witness', site.directory, '1', testdata);
    await site.model.deploy(witness, 'witness');
    await prepareSite(site);
    await deployBundle(site);
    const machine = await machineOf(site.model, 'witness');
    site.before = await site.traces();
    await site.model.addUnit('buildbot-worker', machine);
  } catch (error) {
    await site.destroy();
    throw error;
  }
  return site;
}

/** What a site has before lpbuildbot comes: a project on a git server, and a key that may push there. */
export async function prepareSite(site: Site): Promise<void> {
  const { model, directory } = site;
  const key = await newKey(join(directory, 'key'));
  const forge = await packTestCharm('forge', directory, '1', testdata);
  await model.deploy(forge, 'forge', { config: { key: key.public } });
  const status = await model.waitFor('the git server', (now) => settled(now, 'forge', 1));
  site.forge = unitsIn(status, 'forge')[0]?.[1]['public-address'] ?? '';
  await firstCommits(site);
  const hostKey = await site.onForge('cat /etc/ssh/ssh_host_ed25519_key.pub');
  site.secret = {
    'ssh-key': key.private,
    'known-hosts': `${site.forge} ${hostKey.split(' ').slice(0, 2).join(' ')}\n`,
  };
}

/** The bundle with one worker, and what a site gives it. */
export async function deployBundle(site: Site): Promise<void> {
  const { model, directory } = site;
  // As in a clone: the bundle beside dist/.
  await cp(join(root, 'bundle'), join(directory, 'bundle'), { recursive: true });
  await symlink(packed(), join(directory, 'dist'));
  const own = join(directory, 'bundle/site');
  await writeFile(join(own, 'master-secret'), await model.addSecret('site', site.secret));
  await writeFile(join(own, 'pipeline.yaml'), site.pipeline());
  await writeFile(
    join(own, 'images.yaml'),
    `images:\n  plain: { base: { archive: ${await suite(model)} } }\n`,
  );
  await writeFile(
    join(own, 'overlay.yaml'),
    `
applications:
  buildbot-master:
    options:
      secrets: include-file://master-secret
      pipelines: include-file://pipeline.yaml
  buildbot-worker:
    num_units: 1
    options:
      images: include-file://images.yaml
`,
  );
  const local = thisArchitecture === 'amd64' ? 'local.yaml' : `local-${thisArchitecture}.yaml`;
  await model.deployBundle(join(directory, 'bundle/bundle.yaml'), [
    join(directory, 'bundle/overlays', local),
    join(own, 'overlay.yaml'),
  ]);
  await model.grantSecret('site', 'buildbot-master');
}

async function machineOf(model: Model, application: string): Promise<string> {
  const status = await model.waitFor(`${application} on its machine`, (now) => settled(now, application, 1));
  return unitsIn(status, application)[0]?.[1].machine ?? '';
}

/** Debian's or Ubuntu's, as the machines are. */
async function suite(model: Model): Promise<string> {
  const { output } = await model.ssh('forge/0', '. /etc/os-release; echo "$VERSION_CODENAME"');
  return output.trim();
}

async function firstCommits(site: Site): Promise<void> {
  await site.onForge(
    [
      `git clone -q /srv/git/project.git ${work} 2>&1; cd ${work}`,
      'git config user.name Somebody; git config user.email somebody@example.com',
      "echo 'test -e /etc/os-release' > check.sh; git add check.sh; git commit -q -m 'Begin'",
      'git push -q origin HEAD:refs/heads/master HEAD:refs/heads/stable',
    ].join('\n'),
  );
}

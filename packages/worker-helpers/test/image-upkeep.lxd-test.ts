/** The life of images on a worker, tried with a root file system of two megabytes: made, made anew, failing, killed, pruned. */
import assert from 'node:assert/strict';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import * as z from 'zod';
import { defaultPlaces } from '../src/images/places.ts';
import {
  createInstance,
  deleteImage,
  deleteInstance,
  kindOf,
  listImages,
  listInstances,
} from '../src/lxd/index.ts';
import { serveImage } from './images/remote.ts';
import { Site, until } from './images/site.ts';
import { makeTinyRootfs } from './images/tiny-rootfs.ts';

let site: Site;
let rootfs = '';
let tiny = '';

before(async () => {
  site = await Site.open();
  rootfs = await makeTinyRootfs(site.directory);
  tiny = `${site.prefix}-tiny`;
});
after(() => site.close());

/** The recipe of the one image, with this added. */
const recipe = (more: object = {}) => ({ images: { [tiny]: { base: { rootfs }, ...more } } });

/** Containers of image-making that are there now. */
const buildContainers = async () =>
  (await listInstances(site.lxd)).filter((instance) => kindOf(instance) === 'build').map(({ name }) => name);

describe('an image from a root file system', () => {
  it('is made, tried and named', async () => {
    await site.write(
      recipe({
        files: [{ path: '/etc/site/greeting', content: 'hello\n', mode: '0640' }],
        commands: ['echo ran > /etc/site/command', 'test -z "$(cat /etc/marker | grep -v one)"'],
        environment: { GREETING: 'hello you' },
        smoke: ['test "$(cat /etc/site/greeting)" = hello', 'test "$GREETING" = "hello you"'],
      }),
    );
    const { code, err } = await site.create('--all');
    assert.equal(code, 0, err);
    assert.match(err, /: making it: there is none yet\./);
    assert.match(err, /: \[\d+:\d\d\] trying it in a fresh container\n/);
    assert.match(err, /: ready after \d+ (s|min): [0-9a-f]{12}, \d+ MB\.\n$/);
    assert.equal((await site.images(tiny)).length, 1);
    assert.deepEqual([await site.current(tiny)], await site.images(tiny));
  });

  it('is left alone as long as nothing changes', async () => {
    const { code, err } = await site.create(tiny);
    assert.equal(code, 0);
    assert.match(err, /^\S+: nothing to do; its recipe is unchanged and it was made \d+ (s|min) ago\.\n$/);
  });

  it('is made anew when its recipe changes, and the one before is kept', async () => {
    const first = await site.current(tiny);
    await site.write(recipe({ commands: ['echo two > /etc/version'], smoke: ['grep two /etc/version'] }));
    const { code, err } = await site.create('--all');
    assert.equal(code, 0, err);
    assert.match(err, /: making it: its recipe changed\./);
    const second = await site.current(tiny);
    assert.notEqual(second, first);
    assert.deepEqual(new Set(await site.images(tiny)), new Set([first, second]));
  });

  it('is shown with its age, its state and its use', async () => {
    const { out } = await site.run('lpbuildbot-list-images', '--json');
    const rows = z.array(z.looseObject({ name: z.string() })).parse(JSON.parse(out));
    const own = rows.filter(({ name }) => name === tiny);
    assert.deepEqual(
      own.map(({ state, recipe, usedBy, prepared }) => ({ state, recipe, usedBy, prepared })),
      [
        { state: 'current', recipe: 'current', usedBy: 0, prepared: false },
        { state: 'old', recipe: 'changed', usedBy: 0, prepared: false },
      ],
    );
  });

  it('is told to Prometheus', async () => {
    const file = join(site.directory, 'lpbuildbot.prom');
    const { code, out } = await site.run('lpbuildbot-list-images', '--metrics-file', file);
    assert.deepEqual([code, out], [0, '']);
    const told = await readFile(file, 'utf8');
    assert.match(told, new RegExp(`^lpbuildbot_image_present\\{image="${tiny}"\\} 1$`, 'm'));
    const made = new RegExp(`^lpbuildbot_image_created_timestamp_seconds\\{image="${tiny}"\\} (.+)$`, 'm');
    const age = Date.now() / 1000 - Number(made.exec(told)?.[1]);
    assert.ok(age >= 0 && age < 3600, `${age} s`);
  });
});

describe('when making it fails', () => {
  it('keeps the image before, shows the end of the log and where it is', async () => {
    const first = await site.current(tiny);
    await site.write(recipe({ commands: ['echo about to fail; exit 7'] }));
    const { code, err } = await site.create('--all');
    assert.equal(code, 1);
    assert.match(err, /: not made: running "echo about to fail; exit 7" failed with exit code 7\./);
    assert.match(err, /The image of \S+ \S+ UTC \([0-9a-f]{12}\) stays in use\.\n/);
    assert.match(err, / {2}\| about to fail\n/);
    const [, log = ''] = /The whole log: (\S+)/.exec(err) ?? [];
    await access(log);
    assert.equal(await site.current(tiny), first);
    assert.deepEqual(await buildContainers(), []);
  });

  it('keeps the image before when the new one does not pass its smoke test', async () => {
    const first = await site.current(tiny);
    const images = await site.images(tiny);
    await site.write(recipe({ smoke: ['echo not good enough; false'] }));
    const { code, err } = await site.create('--all');
    assert.equal(code, 1);
    assert.match(err, /: not made: smoke test "echo not good enough; false" failed with exit code 1\./);
    assert.match((await site.logs(tiny)).at(-1) ?? '', /not good enough/);
    assert.equal(await site.current(tiny), first);
    assert.deepEqual(new Set(await site.images(tiny)), new Set(images));
    assert.deepEqual(await buildContainers(), []);
  });

  it('does not begin with what stands on it', async () => {
    const flavor = `${site.prefix}-flavor`;
    await site.write({
      images: { ...recipe({ commands: ['false'] }).images, [flavor]: { base: tiny, commands: ['true'] } },
    });
    const { code, err } = await site.create('--all');
    assert.equal(code, 1);
    assert.match(err, new RegExp(`${flavor}: not made, since its base ${tiny} could not be made\\.`));
  });

  it('tells of mistakes in recipes before it does anything', async () => {
    await site.write({
      images: { [tiny]: { base: { rootfs: 'gone.tar' } }, other: { base: tiny, package: ['git'] } },
    });
    const { code, err } = await site.create('--all');
    assert.equal(code, 3);
    assert.match(err, /test\.yaml:4:15: found the file "gone\.tar", which cannot be read \(ENOENT\); write/);
    assert.match(err, /test\.yaml:7:5: found the unknown key "package"; write `packages`/);
  });
});

describe('two runs at once', () => {
  it('make an image once: the second waits, and says so', async () => {
    await site.write(recipe({ commands: ['sleep 4'] }));
    const first = site.start('lpbuildbot-create-image', tiny);
    await first.says(/running "sleep 4"/);
    const second = site.start('lpbuildbot-create-image', '--force', tiny);
    await second.says(/another run \(process \d+, since .* UTC\) makes it; waiting for that\./);
    assert.equal((await first.ended).code, 0);
    const { code, err } = await second.ended;
    assert.equal(code, 0);
    assert.match(err, /: nothing left to do; the other run has made it\.\n$/);
    assert.doesNotMatch(err, /making it/);
  });
});

describe('a run that is ended', () => {
  it('by SIGTERM takes away what it made, and the image before stays', async () => {
    const first = await site.current(tiny);
    const images = await site.images(tiny);
    await site.write(recipe({ commands: ['sleep 300'] }));
    const running = site.start('lpbuildbot-create-image', tiny);
    await running.says(/running "sleep 300"/);
    running.process.kill('SIGTERM');
    const { code, err } = await running.ended;
    assert.equal(code, 143);
    assert.match(err, /ended by SIGTERM; no image was replaced after that\.\n$/);
    assert.equal(await site.current(tiny), first);
    assert.deepEqual(new Set(await site.images(tiny)), new Set(images));
    assert.deepEqual(await buildContainers(), []);
    assert.deepEqual(await readdir(defaultPlaces.work), []);
  });

  it('by SIGKILL is cleaned up by the next one, which then works', async () => {
    const running = site.start('lpbuildbot-create-image', tiny);
    await running.says(/running "sleep 300"/);
    running.process.kill('SIGKILL');
    await running.ended;
    const [left = ''] = await buildContainers();
    assert.notEqual(left, '');
    await site.write(recipe({ commands: ['true'] }));
    const { code, err } = await site.create(tiny);
    assert.equal(code, 0, err);
    assert.match(
      err,
      new RegExp(`Deleting the container ${left}, which a run that was killed left behind\\.`),
    );
    assert.deepEqual(await buildContainers(), []);
  });

  it('by SIGKILL between publishing and trying leaves an image that never counts, and that goes', async () => {
    const first = await site.current(tiny);
    await site.write(recipe({ smoke: ['sleep 300'] }));
    const running = site.start('lpbuildbot-create-image', tiny);
    await running.says(/trying it in a fresh container/);
    await until(async () => (await buildContainers()).length === 1, 'the container to try it in is there');
    running.process.kill('SIGKILL');
    await running.ended;
    assert.equal(await site.current(tiny), first);
    const list = await site.run('lpbuildbot-list-images');
    assert.match(list.out, new RegExp(`${tiny} +left over `));
    await site.write(recipe({ commands: ['true'] }));
    const { err } = await site.create(tiny);
    assert.match(err, /Deleting the image [0-9a-f]{12}, which a run that was killed left behind\./);
    assert.match(err, /: nothing to do;/);
    assert.equal(await site.current(tiny), first);
  });
});

describe('what an image is made from', () => {
  it('may be an image of this LXD, and it is made anew when that one changes', async () => {
    const copy = `${site.prefix}-copy`;
    await site.write({ images: { [copy]: { base: { alias: `lpbuildbot/${tiny}` } }, ...recipe().images } });
    assert.equal((await site.create(copy)).code, 0);
    assert.match((await site.create(copy)).err, /nothing to do/);
    assert.equal((await site.create('--force', tiny)).code, 0);
    assert.match((await site.create(copy)).err, /making it: what it stands on changed\./);
  });

  it('may be another image of the recipes, and it is made anew with that one', async () => {
    const flavor = `${site.prefix}-flavor`;
    await site.write({
      images: {
        [flavor]: { base: tiny, flavor: 'extra', smoke: ['test -e /etc/extra'] },
        ...recipe({ environment: { A: '1', B: '1' }, smoke: ['test "$A" = 1'] }).images,
      },
      flavors: {
        extra: { commands: ['touch /etc/extra'], environment: { B: '2' }, smoke: ['test "$B" = 2'] },
      },
    });
    const { code, err } = await site.create(flavor);
    assert.equal(code, 0, err);
    const image = (await listImages(site.lxd)).find(
      ({ properties }) => properties?.['lpbuildbot.name'] === flavor,
    );
    assert.equal(image?.properties?.['lpbuildbot.environment'], '{"A":"1","B":"2"}');
    await site.write({
      images: { [flavor]: { base: tiny, flavor: 'extra' }, ...recipe({ commands: ['echo three'] }).images },
      flavors: { extra: { commands: ['touch /etc/extra'] } },
    });
    const again = await site.create('--all');
    assert.deepEqual(again.err.match(/\S+: making it: .*/g), [
      `${tiny}: making it: its recipe changed.`,
      `${flavor}: making it: its recipe changed.`,
    ]);
  });

  it('may be an image of a remote', async () => {
    const remote = await serveImage(site.directory, rootfs);
    const name = `${site.prefix}-remote`;
    try {
      await site.write({
        remotes: { site: remote.url },
        images: { [name]: { base: 'site:tiny', smoke: ['test -e /etc/marker'] } },
      });
      const { code, err } = await site.create(name);
      assert.equal(code, 0, err);
      assert.match(err, /downloading site:tiny, unless it is here already/);
      assert.ok(remote.asked.includes('/root.tar.xz'));
      await site.write({ remotes: { site: remote.url }, images: { [name]: { base: 'site:huge' } } });
      const other = await site.create(name);
      assert.equal(other.code, 1);
      assert.match(other.err, /not made: LXD .*\n {2}The image of .* stays in use\./);
    } finally {
      await remote.close();
      for (const { fingerprint, properties } of await listImages(site.lxd))
        if (properties?.os === 'tiny') await deleteImage(site.lxd, fingerprint);
    }
  });

  it('may not be an image that LXD does not have', async () => {
    const orphan = `${site.prefix}-orphan`;
    await site.write({ images: { [orphan]: { base: { alias: `${site.prefix}-nothing` } } } });
    const { code, err } = await site.create('--all');
    assert.equal(code, 1);
    assert.match(
      err,
      /not made: LXD has no image with the alias \S+; see "lxc image list"\.\n {2}There is no image/,
    );
  });
});

describe('pruning', () => {
  it('keeps the newest and what is in use, and says what it freed', async () => {
    await site.write(recipe({ keep: 1 }));
    for (let round = 0; round < 3; round += 1) assert.equal((await site.create('--force', tiny)).code, 0);
    const before = await site.images(tiny);
    const current = await site.current(tiny);
    const [used = ''] = before.filter((fingerprint) => fingerprint !== current);
    const name = `${site.prefix}-user`;
    await createInstance(site.lxd, { name, config: {}, source: { type: 'image', fingerprint: used } });
    const dry = await site.run('lpbuildbot-prune-images', '--dry-run');
    assert.match(dry.err, new RegExp(`Would delete ${tiny} [0-9a-f]{12} of .* UTC, \\d+ MB\\.`));
    assert.deepEqual(await site.images(tiny), before);
    const { code, err } = await site.run('lpbuildbot-prune-images');
    assert.equal(code, 0, err);
    assert.match(err, /Freed \d+ MB of \d+ images?\.\n$/);
    assert.deepEqual(new Set(await site.images(tiny)), new Set([current, used]));
    await deleteInstance(site.lxd, name);
  });
});

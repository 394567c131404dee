/**
 * A directory whose file system is mounted nosuid: its owner is right inside by a shifted mount, where LXD, kernel and file system have
 * them, and by raw.idmap where they don't. Which of both is to be expected depends on the LXD that this runs on, and is found out first.
 */
import assert from 'node:assert/strict';
import { chown, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { execa } from 'execa';
import {
  aliasTarget,
  createInstance,
  getInstance,
  imageAlias,
  instanceKeys,
  isProblem,
  newInstanceName,
  preparedName,
  startInstance,
} from '../src/lxd/index.ts';
import { removeInstance } from '../src/run/remove.ts';
import { IMAGE, OWNER, RunWorld } from './run-world.ts';

/** Ids that a container has all of its own take one line; one of the machine's in between makes three of them. */
const IDS = { shift: 1, 'raw.idmap': 3 } as const;

let world: RunWorld;
let directory = '';
let expected: keyof typeof IDS;

before(async () => {
  world = await RunWorld.open();
  await world.ensureImage();
  const place = join(world.directory, 'nosuid');
  await mkdir(place);
  await execa('mount', ['-t', 'tmpfs', '-o', 'nosuid,size=16m', 'lpbuildbot-test', place]);
  directory = place;
  await chown(directory, OWNER, OWNER);
  expected = (await canShift()) ? 'shift' : 'raw.idmap';
});
after(async () => {
  if (directory !== '') await execa('umount', [directory]);
  await world[Symbol.asyncDispose]();
});

/** Whether a container starts with such a mount. */
async function canShift(): Promise<boolean> {
  const name = newInstanceName('run');
  const devices = { it: { type: 'disk', source: directory, path: '/srv/it', shift: 'true' } };
  const source = { type: 'image', alias: imageAlias(IMAGE) } as const;
  await createInstance(world.lxd, { name, ephemeral: true, config: {}, devices, source });
  try {
    await startInstance(world.lxd, name);
    return true;
  } catch (error) {
    if (isProblem(error, 'no-shift')) return false;
    throw error;
  } finally {
    await removeInstance(world.lxd, name);
  }
}

const script = 'id -u; stat -c %u .; touch made && grep -c . /proc/self/uid_map';

it('belongs inside to whom it belongs outside, again and again', async (context) => {
  context.diagnostic(`this LXD does it by ${expected}`);
  for (const turn of ['first', 'second']) {
    const { code, out, err } = await world.run(['sh', '-c', script], ['--bind', directory]);
    assert.equal(code, 0, `${turn}: ${err}`);
    assert.equal(out, `${OWNER}\n${OWNER}\n${IDS[expected]}\n`, turn);
    assert.equal((await stat(join(directory, 'made'))).uid, OWNER);
  }
});

it('has LXD asked for a shifted mount once only when it refuses', async () => {
  const fingerprint = (await aliasTarget(world.lxd, imageAlias(IMAGE))) ?? '';
  const ids = { uid: OWNER, gid: OWNER };
  const prepared = await getInstance(world.lxd, preparedName(fingerprint, { way: 'shift', ids }));
  assert.ok(prepared !== undefined);
  assert.equal(prepared.config[instanceKeys.noShift], expected === 'shift' ? undefined : 'true');
});

it('is never shifted when programs in it can give rights', async () => {
  const { out, err } = await world.run(['sh', '-c', script], ['--bind', world.bound, '--bind', directory]);
  assert.equal(out, `${OWNER}\n${OWNER}\n${IDS['raw.idmap']}\n`, err);
});

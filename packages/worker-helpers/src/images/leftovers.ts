/** What runs left behind that were killed: their containers, passing images and files. Images in the making are pruning's. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../command/log.ts';
import {
  deleteImage,
  instanceKeys,
  isAlive,
  kindOf,
  type Lxd,
  LxdError,
  listInstances,
  parseOwner,
} from '../lxd/index.ts';
import { lxdStore } from './lxd-store.ts';
import { commandWords } from './messages.ts';
import { observeImages } from './observe.ts';
import type { Places } from './places.ts';

/** Of a process, by its owner's text: no file name has a colon in it that we would have to wonder about. */
export function workDirectory(owner: string): string {
  return owner.replaceAll(':', '.');
}

export async function clearLeftovers(lxd: Lxd, places: Places, log: Log): Promise<void> {
  const store = lxdStore(lxd, '');
  for (const instance of await listInstances(lxd)) {
    if (kindOf(instance) !== 'build' || !(await isGone(instance.config[instanceKeys.owner]))) continue;
    log.info(commandWords.leftContainer(instance.name));
    await tolerant(log, store.deleteContainer(instance.name));
  }
  const { images, passing } = await observeImages(lxd);
  const left = images.filter(({ state, current }) => state === 'left over' && !current);
  for (const fingerprint of [...passing, ...left.map((image) => image.fingerprint)]) {
    log.info(commandWords.leftImage(fingerprint));
    await tolerant(log, deleteImage(lxd, fingerprint));
  }
  for (const name of await readdir(places.work).catch(() => [])) {
    if (await isGone(name.replaceAll('.', ':')))
      await rm(join(places.work, name), { recursive: true, force: true });
  }
}

/** Another run may be at the same; whatever stays is found again by the next one. */
async function tolerant(log: Log, deleting: Promise<void>): Promise<void> {
  try {
    await deleting;
  } catch (error) {
    if (!(error instanceof LxdError)) throw error;
    log.warn(error.message);
  }
}

async function isGone(text: string | undefined): Promise<boolean> {
  const owner = parseOwner(text);
  return owner === undefined || !(await isAlive(owner));
}

/** lpbuildbot-clean-containers: looks at everything once, decides, and removes what can go, one by one. */
import { execFile } from 'node:child_process';
import { readFile, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { World } from '../command/world.ts';
import {
  claimInstance,
  type Instance,
  instanceKeys,
  instanceState,
  type Lxd,
  listImages,
  listInstances,
  openLxd,
  ownerHere,
  ownerText,
  serverInfo,
} from '../lxd/index.ts';
import { removeInstance } from '../run/remove.ts';
import { cleanMessages } from './messages.ts';
import { leftoverMounts } from './mounts.ts';
import { planRemovals, type Removal } from './plan.ts';
import { livingOwners } from './sweep.ts';

export interface CleanOptions {
  readonly dryRun: boolean;
}

/** Something that can go is still there. */
const INCOMPLETE = 1;

/** Gives the exit code; throws `LxdError` when LXD does not answer. */
export async function clean({ dryRun }: CleanOptions, { env, out, log }: World): Promise<number> {
  const lxd = openLxd(env);
  // In this order: an image that is missing now was missing, or has gone, after all these instances were there.
  const instances = await listInstances(lxd);
  const images = new Set((await listImages(lxd)).map(({ fingerprint }) => fingerprint));
  const removals = planRemovals({ instances, images, alive: await livingOwners(instances) });
  const mounted = await mountsOf(lxd);
  const mounts = leftoverMounts(mounted, await namesNow(lxd, removals));
  if (removals.length === 0 && mounts.length === 0) out(cleanMessages.nothing);
  if (dryRun) {
    for (const removal of removals) out(cleanMessages.wouldRemove(removal));
    for (const mount of mounts) out(cleanMessages.wouldUnmount(mount));
    return 0;
  }
  let failed = 0;
  const attempt = async (
    work: () => Promise<string | undefined>,
    told: (why: string) => string,
  ): Promise<void> => {
    try {
      const done = await work();
      if (done !== undefined) out(done);
    } catch (error) {
      failed += 1;
      log.warn(told(error instanceof Error ? error.message : String(error)));
    }
  };
  for (const removal of removals) {
    await attempt(
      () => remove(lxd, removal, instances),
      (why) => cleanMessages.notRemoved(removal, why),
    );
  }
  for (const mount of mounts) {
    await attempt(
      () => unmount(lxd, mount),
      (why) => cleanMessages.notUnmounted(mount, why),
    );
  }
  return failed === 0 ? 0 : INCOMPLETE;
}

async function remove(lxd: Lxd, removal: Removal, seen: readonly Instance[]): Promise<string | undefined> {
  const before = seen.find(({ name }) => name === removal.name);
  const { kind, owner } = instanceKeys;
  const expected = { [kind]: removal.kind, [owner]: before?.config[owner] };
  const mine = { config: { [owner]: ownerText(await ownerHere()) } };
  // Otherwise somebody else has removed it meanwhile, or has found a use for it.
  if (!(await claimInstance(lxd, removal.name, expected, mine))) return undefined;
  const usage = (await instanceState(lxd, removal.name))?.disk?.root?.usage;
  await removeInstance(lxd, removal.name);
  return cleanMessages.removed(removal, usage === undefined || usage <= 0 ? undefined : usage);
}

/** LXD may have a mount namespace of its own, as the snap has. */
async function mountsOf(lxd: Lxd): Promise<string> {
  const { environment } = await serverInfo(lxd);
  return await readFile(`/proc/${environment.server_pid}/mountinfo`, 'utf8');
}

/** After the mounts, so that whoever has one of them is among these. Those that are removed now take theirs along. */
async function namesNow(lxd: Lxd, removals: readonly Removal[]): Promise<Set<string>> {
  const now = await listInstances(lxd);
  return new Set([...now, ...removals].map(({ name }) => name));
}

const run = promisify(execFile);

async function unmount(lxd: Lxd, path: string): Promise<string> {
  const { environment } = await serverInfo(lxd);
  const inside = ['--target', String(environment.server_pid), '--mount', '--', 'umount', '--', path];
  await run('nsenter', inside);
  for (const directory of [path, dirname(path)]) await rmdir(directory).catch(() => undefined);
  return cleanMessages.unmounted(path);
}

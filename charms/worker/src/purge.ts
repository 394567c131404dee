/**
 * Removal: everything that came with the charm goes, and nothing else. What was on the machine before, and what other people have
 * put into LXD, stays. It may be cut off and run again: what is gone is passed over.
 */
import * as z from 'zod';
import { aptGet } from './apt.ts';
import { installedPackages } from './facts.ts';
import type { Machine } from './machine.ts';
import { type Memory, recall } from './memory.ts';
import { steps } from './messages.ts';
import { lxdLeftovers, lxdNames, masterDirectory, packages, places, units, workerUser } from './places.ts';
import type { Problem } from './report.ts';

const ours = [packages.helpers, packages.node, 'mmdebstrap', 'buildbot-worker'];
const lxdPackages = ['lxd', 'lxd-client', 'btrfs-progs', 'dnsmasq-base', 'iptables', 'nftables', 'uidmap'];

export async function purge(machine: Machine): Promise<'done' | Problem> {
  const memory = await recall(machine);
  await machine.run(['systemctl', 'stop', units.images]);
  await machine.run(['lpbuildbot-worker-setup', '--remove', '--now']);
  const isLxdFree = await emptyLxd(machine, memory);
  if (isLxdFree && memory.lxd === 'snap') {
    await machine.run(['snap', 'remove', '--purge', 'lxd']);
    await machine.remove(lxdLeftovers.snapHome);
  }
  const isLxdPurged = isLxdFree && memory.lxd === 'package';
  const removed = await removePackages(machine, isLxdPurged);
  if (removed !== 'done') return removed;
  if (isLxdPurged) {
    for (const mount of lxdLeftovers.mounts) await machine.run(['umount', '--lazy', mount]);
    for (const directory of lxdLeftovers.directories) await machine.remove(directory);
  }
  if (memory.user === 'made' && (await machine.facts(masterDirectory)) === undefined) {
    await machine.run(['userdel', workerUser]);
  }
  for (const path of [places.aptSource, places.aptKey, places.recipes, places.run])
    await machine.remove(path);
  await machine.remove(places.refresh.slice(0, places.refresh.lastIndexOf('/')));
  await machine.run(['rmdir', '--ignore-fail-on-non-empty', '--parents', places.recipesDirectory]);
  await machine.run(['systemctl', 'daemon-reload']);
  // Last: as long as it is there, the next run knows what is left.
  await machine.remove(places.state);
  return 'done';
}

const instancesSchema = z.array(z.object({ name: z.string(), config: z.record(z.string(), z.string()) }));
const imagesSchema = z.array(
  z.object({ fingerprint: z.string(), properties: z.record(z.string(), z.string()).nullish() }),
);

/** Takes what is ours out of LXD. @returns whether nothing of other people is in it. */
async function emptyLxd(machine: Machine, { pool, network }: Memory): Promise<boolean> {
  const instancesAnswer = await machine.lxd('/1.0/instances?recursion=1&all-projects=true');
  const imagesAnswer = await machine.lxd('/1.0/images?recursion=1');
  if (instancesAnswer.kind === 'absent') return true;
  // Nobody can tell what is in it.
  if (instancesAnswer.kind !== 'answer' || imagesAnswer.kind !== 'answer') return false;
  const instances = instancesSchema.parse(instancesAnswer.metadata);
  const isOurs = ({ name, config }: (typeof instances)[number]): boolean =>
    name.startsWith('lpbuildbot-') && lxdNames.instanceKind in config;
  for (const { name } of instances.filter(isOurs)) await machine.run(['lxc', 'delete', '--force', name]);
  const images = imagesSchema.parse(imagesAnswer.metadata);
  const made = images.filter(({ properties }) => lxdNames.imageProperty in (properties ?? {}));
  for (const { fingerprint } of made) await machine.run(['lxc', 'image', 'delete', fingerprint]);
  const isFree = instances.every(isOurs) && images.length === made.length;
  if (isFree) await undoSetUp(machine, pool, network);
  return isFree;
}

/** Else the bridge would stay until the next boot, and the file of the pool for ever. */
async function undoSetUp(
  machine: Machine,
  pool: string | undefined,
  network: string | undefined,
): Promise<void> {
  if (network !== undefined) {
    await machine.run(['lxc', 'profile', 'device', 'remove', 'default', 'eth0']);
    await machine.run(['lxc', 'network', 'delete', network]);
  }
  if (pool !== undefined) {
    await machine.run(['lxc', 'profile', 'device', 'remove', 'default', 'root']);
    await machine.run(['lxc', 'storage', 'delete', pool]);
  }
}

/** Those of the charm, and what came with them and nothing needs any more. */
async function removePackages(machine: Machine, withLxd: boolean): Promise<'done' | Problem> {
  const text = await machine.readText(places.packagesBefore);
  if (text === undefined) return 'done';
  const before = new Set(text.split('\n'));
  const isNew = (name: string): boolean => !before.has(name);
  // Nobody is there to answer whether checkouts and logs go as well: the unit is removed, and they with it.
  await machine.run(['debconf-set-selections'], {
    input: `${packages.helpers} lpbuildbot-worker/purge-data boolean true\n`,
  });
  const own = await purgeThose(machine, ours.filter(isNew));
  if (own !== 'done') return own;
  if (withLxd) {
    // Our package asks LXD while it goes, and whoever asks its socket starts it.
    await machine.run(['systemctl', 'stop', 'lxd.socket', 'lxd.service']);
    const lxd = await purgeThose(machine, lxdPackages.filter(isNew));
    if (lxd !== 'done') return lxd;
  }
  const simulated = await aptGet(machine, ['--simulate', 'autoremove']);
  if (simulated.kind !== 'done') return problem(simulated);
  const left = [...simulated.stdout.matchAll(/^Remv (\S+)/gm)].map(([, name = '']) => name);
  return await purgeThose(machine, left.filter(isNew));
}

/** Those of them that are there. */
async function purgeThose(machine: Machine, names: readonly string[]): Promise<'done' | Problem> {
  const there = new Set(installedPackages((await machine.readText(places.dpkgStatus)) ?? ''));
  const installed = names.filter((name) => there.has(name));
  if (installed.length === 0) return 'done';
  const outcome = await aptGet(machine, ['purge', ...installed]);
  return outcome.kind === 'done' ? 'done' : problem(outcome);
}

function problem({ kind, sentence }: Problem): Problem {
  return kind === 'busy'
    ? { kind, sentence }
    : { kind, sentence: steps.purgeFailed(packages.helpers, sentence) };
}

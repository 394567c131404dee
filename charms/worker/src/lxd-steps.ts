/** Brings LXD to where containers can be made: installed, with storage and a bridge. */
import * as z from 'zod';
import { lxdSetup } from './lxd-setup.ts';
import type { Machine } from './machine.ts';
import { note } from './memory.ts';
import { status, steps } from './messages.ts';
import { places } from './places.ts';
import type { Outcome } from './report.ts';

export async function installSnap(machine: Machine): Promise<Outcome> {
  await note(machine, { lxd: 'snap' });
  // On a fresh machine snapd takes nothing before it has brought itself up.
  await machine.run(['snap', 'wait', 'system', 'seed.loaded']);
  const installed = await machine.run(['snap', 'install', 'lxd']);
  if (installed.code !== 0) {
    return { kind: 'failed', sentence: steps.installFailed('LXD', installed.stderr || installed.stdout) };
  }
  await machine.run(['lxd', 'waitready', '--timeout=120']);
  return 'done';
}

const serverSchema = z.object({
  environment: z.object({
    storage_supported_drivers: z.array(z.object({ Name: z.string() })).nullish(),
  }),
});
const poolsSchema = z.array(z.object({ name: z.string() }));
const networksSchema = z.array(z.object({ name: z.string(), type: z.string(), managed: z.boolean() }));

export async function setUpLxd(size: string, machine: Machine): Promise<Outcome> {
  const ask = async <T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>> => {
    const answer = await machine.lxd(path);
    if (answer.kind !== 'answer') throw new LxdSilent(answer.kind === 'absent' ? 'it is gone' : answer.why);
    return schema.parse(answer.metadata);
  };
  try {
    const { environment } = await ask('/1.0', serverSchema);
    const pools = await ask('/1.0/storage-pools?recursion=1', poolsSchema);
    const networks = await ask('/1.0/networks?recursion=1', networksSchema);
    const around = {
      drivers: (environment.storage_supported_drivers ?? []).map(({ Name }) => Name),
      pools: pools.map(({ name }) => name),
      bridges: networks.filter(({ type, managed }) => managed && type === 'bridge').map(({ name }) => name),
      routes: (await machine.readText(places.routes)) ?? '',
      free: await machine.free('/var/lib'),
    };
    // With btrfs a fresh container is a snapshot; where it does not work (in some containers), plain directories do.
    const drivers = around.drivers.includes('btrfs') ? (['btrfs', 'dir'] as const) : (['dir'] as const);
    let why = '';
    for (const driver of drivers) {
      const setup = lxdSetup(around, driver, size);
      if (setup.kind === 'no-subnet') return { kind: 'failed', sentence: steps.noSubnet };
      const { pool, network } = setup;
      await note(machine, { ...(pool && { pool }), ...(network && { network }) });
      const done = await machine.run(['lxd', 'init', '--preseed'], { input: setup.text });
      if (done.code === 0) return 'done';
      why = done.stderr;
    }
    return { kind: 'failed', sentence: steps.lxdSetUpFailed(why) };
  } catch (error) {
    if (error instanceof LxdSilent) return { kind: 'failed', sentence: status.lxdUnreachable(error.message) };
    throw error;
  }
}

class LxdSilent extends Error {}

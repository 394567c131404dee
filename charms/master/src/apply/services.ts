/**
 * The two services. A service is restarted when what it reads at its start is not what it was started with: systemd copies the
 * fingerprint to /run whenever it starts it, so that this is known after reboots, crashes and hooks that were cut off.
 */
import type { Machine, ServiceState } from '../machine/machine.ts';

export interface ServiceWish {
  readonly name: string;
  readonly fingerprintFile: string;
  readonly fingerprint: string;
  readonly started: string | undefined;
  readonly state: ServiceState | undefined;
}

/** @returns whether it was started. */
export async function runService(machine: Machine, wish: ServiceWish): Promise<'started' | 'ran'> {
  const { name, fingerprintFile, fingerprint, started, state } = wish;
  // Last of all that the service reads: a start before this one has the old fingerprint, and is followed by another one.
  await machine.files.write(fingerprintFile, { content: `${fingerprint}\n`, mode: 0o644 });
  if (state?.enabled !== 'enabled') await machine.services.enable(name);
  if (state?.active === 'active' && started === fingerprint) return 'ran';
  await machine.services.restart(name);
  return 'started';
}

export async function stopServices(
  machine: Machine,
  states: ReadonlyMap<string, ServiceState>,
  names: readonly string[],
): Promise<void> {
  const running = names.filter((name) => (states.get(name)?.active ?? 'inactive') !== 'inactive');
  if (running.length > 0) await machine.services.stop(running);
  for (const name of names) if (states.get(name)?.enabled === 'enabled') await machine.services.disable(name);
}

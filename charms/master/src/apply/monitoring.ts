/** Checks for nrpe: the two services, and branches that do not move. They run this charm's own program, as nagios. */
import type { Juju } from '@lpbuildbot/juju';
import type { Inputs } from '../inputs.ts';
import type { Machine } from '../machine/machine.ts';
import { MASTER, PROMOTION, places } from '../places.ts';
import { applyFiles } from './files.ts';
import type { Installed } from './install.ts';
import { tellMonitors } from './relations.ts';

const checks: Readonly<Record<string, string>> = {
  lpbuildbot_master: `unit ${MASTER}`,
  lpbuildbot_promotion: `unit ${PROMOTION}`,
  lpbuildbot_branches: 'branches',
};

export async function applyMonitoring(
  juju: Juju,
  machine: Machine,
  inputs: Inputs,
  { programs }: Installed,
  promotion: 'runs' | 'off',
): Promise<void> {
  const wanted = Object.entries(checks).filter(
    ([name]) => promotion === 'runs' || name === 'lpbuildbot_master',
  );
  if (inputs.monitors.length > 0) await machine.files.directory(places.nrpeChecks, 0o755);
  await applyFiles(
    machine,
    Object.entries(checks).map(([name, words]) => {
      const path = `${places.nrpeChecks}/check_${name}.cfg`;
      const command = `${programs['lib/node']} ${programs['lib/charm.mjs']} check ${words}`;
      return inputs.monitors.length > 0 && wanted.some(([each]) => each === name)
        ? { path, mode: 0o644, content: `command[check_${name}]=${command}\n` }
        : { path };
    }),
  );
  await tellMonitors(
    juju,
    inputs,
    wanted.map(([name]) => name),
  );
}

/** The charm: every hook looks at everything and does what is to be done; so do the actions that change something. */
import { type Action, type Charm, type Juju, jujuLog, type Status, statusSet } from '@lpbuildbot/juju';
import { apply, type Wishes } from './apply.ts';
import { observe } from './inputs.ts';
import type { Machine } from './machine/machine.ts';
import { messages } from './messages.ts';
import { plan } from './plan.ts';

export function createCharm(machine: Machine): Charm {
  return {
    hook: async (juju) => {
      await reconcile(juju, machine);
    },
    actions: Object.fromEntries(
      names.map((name): [string, Action] => [
        name,
        async (juju, parameters) => {
          // What a hook does not need is not loaded by hooks.
          const { actions } = await import('./actions.ts');
          return await actions[name](juju, machine, parameters);
        },
      ]),
    ),
  };
}

export const names = [
  'force-build',
  'hold',
  'resume',
  'explain',
  'show-promotions',
  'check-push',
  'promote-now',
  'reconfigure',
  'check-config',
  'get-admin-password',
  'add-web-user',
  'rotate-worker-passwords',
  'backup',
  'restore',
] as const;
export type ActionName = (typeof names)[number];

export async function reconcile(
  juju: Juju,
  machine: Machine,
  wishes: Wishes = { rotate: 'none' },
): Promise<Status> {
  const inputs = await observe(juju, machine);
  let status: Status;
  try {
    status = await apply(juju, machine, inputs, plan(inputs), wishes);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    await statusSet(juju.run, { status: 'blocked', message: messages.diskFull });
    // What this hook has told Juju may rest on what could not be written: it has to be dropped.
    throw error;
  }
  await statusSet(juju.run, status);
  if (status.status === 'blocked') await jujuLog(juju.run, 'WARNING', status.message);
  return status;
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
}

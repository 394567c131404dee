/** The actions, by their names in charmcraft.yaml. */
import type { ActionOutcome, ActionParameters, Juju } from '@lpbuildbot/juju';
import { backup, restore } from './actions/archive.ts';
import { forceBuild } from './actions/builds.ts';
import { checkConfig, reconfigure, rotateWorkerPasswords } from './actions/configuration.ts';
import { addWebUser, getAdminPassword } from './actions/people.ts';
import { checkPush, explain, hold, promoteNow, resume, showPromotions } from './actions/promotions.ts';
import type { ActionName } from './charm.ts';
import type { Machine } from './machine/machine.ts';

export type MachineAction = (
  juju: Juju,
  machine: Machine,
  parameters: ActionParameters,
) => Promise<ActionOutcome>;

export const actions: Readonly<Record<ActionName, MachineAction>> = {
  'force-build': forceBuild,
  hold,
  resume,
  explain,
  'show-promotions': showPromotions,
  'check-push': checkPush,
  'promote-now': promoteNow,
  reconfigure,
  'check-config': checkConfig,
  'get-admin-password': getAdminPassword,
  'add-web-user': addWebUser,
  'rotate-worker-passwords': rotateWorkerPasswords,
  backup,
  restore,
};

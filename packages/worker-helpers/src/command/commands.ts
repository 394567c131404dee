/**
 * Every command of the package. Each is loaded only when it is the one that runs, so that none pays for another; a room adds
 * its line here, and gets its link in /usr/bin, manual page and completion from that.
 */
import type { CommandProgram } from './define.ts';

type Load = () => Promise<{ readonly default: CommandProgram }>;

export const commands: ReadonlyMap<string, Load> = new Map<string, Load>([
  ['lpbuildbot-clean-containers', () => import('../clean/command.ts')],
  ['lpbuildbot-run', () => import('../run/command.ts')],
  ['lpbuildbot-create-image', () => import('../images/create-image-command.ts')],
  ['lpbuildbot-list-images', () => import('../images/list-images-command.ts')],
  ['lpbuildbot-prune-images', () => import('../images/prune-images-command.ts')],
  ['lpbuildbot-doctor', () => import('../doctor/command.ts')],
  ['lpbuildbot-worker-setup', () => import('../setup/command.ts')],
]);

/** The command lpbuildbot-clean-containers. */
import { defineCommand, flag, none } from '../command/define.ts';
import { cleanMessages } from './messages.ts';

export default defineCommand({
  name: 'lpbuildbot-clean-containers',
  section: 8,
  summary: 'remove containers that nothing uses any more',
  description: [
    'Removes the containers of builds and of images in the making whose program is gone (it was killed, or the machine was restarted), prepared containers whose image is gone, and mounts that LXD has left of them. Says what it has removed, and how much that has freed where LXD knows it (with btrfs it does not, unless the pool has quotas).',
    'A container is one of ours by the key user.lpbuildbot.kind, and in use as long as the process in user.lpbuildbot.owner lives: the same process, by its number, its start and the boot. Everything else is left alone. It may run at any time, beside any number of builds. lpbuildbot-clean-containers.timer does.',
  ],
  options: { dryRun: flag({ about: cleanMessages.dryRun }) },
  operands: none,
  exitCodes: [
    { what: '0', meaning: 'nothing is left that can go' },
    {
      what: '1',
      meaning: 'LXD does not answer, or something could not be removed: the reason is on standard error',
    },
  ],
  examples: [{ what: 'lpbuildbot-clean-containers --dry-run', meaning: 'what can go' }],
  files: [],
  seeAlso: ['lpbuildbot-run(1)', 'lpbuildbot-prune-images(8)'],
  action: async ({ options }, world) => {
    const { clean } = await import('./clean.ts');
    return await clean(options, world);
  },
});

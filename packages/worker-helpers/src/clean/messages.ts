/** What lpbuildbot-clean-containers tells people. */
import type { Reason, Removal } from './plan.ts';

const why: Readonly<Record<Reason, string>> = {
  'owner-gone': 'what had made it is gone',
  'image-gone': 'its image is gone',
  'never-finished': 'it was never finished, and what had begun it is gone',
};

const what = { run: 'container', prepared: 'prepared container', build: "image's container" } as const;

const size = (bytes: number): string =>
  bytes >= 1024 ** 3 ? `${(bytes / 1024 ** 3).toFixed(1)} GiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;

const described = ({ kind, name, reason }: Removal): string => `${what[kind]} ${name}: ${why[reason]}`;

export const cleanMessages = {
  dryRun: 'only say what would be removed',
  removed: (removal: Removal, bytes: number | undefined): string =>
    `removed ${described(removal)}${bytes === undefined ? '' : ` (${size(bytes)} freed)`}`,
  wouldRemove: (removal: Removal): string => `would remove ${described(removal)}`,
  notRemoved: (removal: Removal, reason: string): string =>
    `could not remove ${described(removal)}; ${reason}`,
  unmounted: (path: string): string => `unmounted ${path}: its container is gone`,
  wouldUnmount: (path: string): string => `would unmount ${path}: its container is gone`,
  notUnmounted: (path: string, reason: string): string => `could not unmount ${path}: ${reason}`,
  nothing: 'nothing to remove',
} as const;

/**
 * Mounts that LXD has left behind of instances that are no more, as it does when it is killed in the middle of their removal:
 * a build's directory then stays bound where nobody sees it. Pure.
 */

import { plainPath } from '../mountinfo.ts';

/** Below LXD's directory, the mounts of one instance: its devices, and its root. */
const places = [
  /\/devices\/(lpbuildbot-[a-z0-9-]+)\/[^/]+$/,
  /\/storage-pools\/[^/]+\/containers\/(lpbuildbot-[a-z0-9-]+)$/,
];

/** Mount points that belong to none of these instances, in the order in which they can be unmounted. `mountinfo` is the text of /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
export function leftoverMounts(mountinfo: string, instances: ReadonlySet<string>): string[] {
  return mountinfo
    .split('\n')
    .map((line) => plainPath(line.split(' ')[4] ?? ''))
    .filter((path) => {
      const name = places.map((place) => place.exec(path)?.[1]).find((found) => found !== undefined);
      return name !== undefined && !instances.has(name);
    })
    .reverse();
}

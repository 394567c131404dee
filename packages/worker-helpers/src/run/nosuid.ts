/**
 * Whether programs that lie in a directory can give the rights of their owner to whoever starts them. Pure; `mountinfo` is the text of
 * /proc/PID/mountinfo (proc_pid_mountinfo(5)).
 */
import { plainPath } from '../mountinfo.ts';

/** True when the file system that the directory is on is mounted with `nosuid` (mount(8)); the path is the real one. */
export function isNosuid(mountinfo: string, directory: string): boolean {
  let mount = { point: '', nosuid: false };
  for (const line of mountinfo.split('\n')) {
    const [, , , , at, options = ''] = line.split(' ');
    if (at === undefined) continue;
    const point = plainPath(at);
    const covers = point === '/' || point === directory || directory.startsWith(`${point}/`);
    // Of two at one point the later one lies on top.
    if (covers && point.length >= mount.point.length) {
      mount = { point, nosuid: options.split(',').includes('nosuid') };
    }
  }
  return mount.nosuid;
}

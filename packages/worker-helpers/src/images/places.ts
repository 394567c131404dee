/** Where the commands about images keep their files. */

export interface Places {
  readonly recipes: string;
  /** A log for each run of an image. */
  readonly logs: string;
  /** Root file systems on their way into LXD. */
  readonly work: string;
  /** Locks; empty after a reboot. */
  readonly locks: string;
}

export const defaultPlaces: Places = {
  recipes: '/etc/lpbuildbot/images.d',
  logs: '/var/log/lpbuildbot/images',
  work: '/var/cache/lpbuildbot/images',
  locks: '/run/lpbuildbot/images',
};

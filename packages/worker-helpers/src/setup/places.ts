/** Where the worker lives: the paths that operators know, in one place. */

export interface Places {
  /** The worker's base directory, which its user owns. */
  readonly worker: string;
  /** The directory of authorities that the worker trusts; root owns it, so that no build can add one. */
  readonly trust: string;
}

export const PLACES: Places = {
  worker: '/var/lib/buildbot/slaves',
  trust: '/var/lib/lpbuildbot/trust',
};

export const SERVICE = 'buildslave.service';
export const USER = 'buildbot';

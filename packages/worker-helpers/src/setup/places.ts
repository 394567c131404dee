/** Where the worker lives: the paths that operators know, in one place. */

export interface Places {
  /** The worker's base directory, which its user owns. */
  readonly worker: string;
  /** The directory of authorities that the worker trusts; root owns it, so that no build can add one. */
  readonly trust: string;
  /** What Prometheus is told of the worker; the package's timers write it, with node_exporter's directory there. */
  readonly metrics: string;
}

export const PLACES: Places = {
  worker: '/var/lib/buildbot/slaves',
  trust: '/var/lib/lpbuildbot/trust',
  metrics: '/var/lib/prometheus/node-exporter/lpbuildbot.prom',
};

export const SERVICE = 'buildslave.service';
export const USER = 'buildbot';

/** What the doctor looks at, as it was found: plain data, so that judging it needs no machine. */

export interface Facts {
  readonly lxd: LxdFacts;
  readonly directory: SpaceFacts;
  readonly recipes: RecipeFacts;
  readonly worker: WorkerFacts;
  readonly timers: readonly TimerFacts[];
  readonly apt: AptFacts;
}

export type LxdFacts =
  /** LXD could not be asked, for a reason that says what to do. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  | {
      readonly kind: 'answers';
      readonly version: string;
      readonly pools: readonly SpaceFacts[];
      readonly network: NetworkFacts;
      readonly images: readonly ImageFacts[];
    };

/** In bytes. */
export interface SpaceFacts {
  readonly name: string;
  readonly total: number;
  readonly free: number;
}

export type NetworkFacts =
  /** The default profile gives containers no network. */
  | { readonly kind: 'none' }
  /** A network that LXD does not manage: its own business. */
  | { readonly kind: 'unmanaged'; readonly name: string }
  | {
      readonly kind: 'managed';
      readonly name: string;
      /** With the length of its prefix; empty or `none` without one. */
      readonly address: string;
      readonly forwarding: 'on' | 'off';
    };

export interface ImageFacts {
  readonly name: string;
  readonly ageSeconds: number;
  readonly recipe: 'current' | 'changed' | 'none' | 'unknown';
}

export type RecipeFacts =
  | {
      readonly kind: 'read';
      readonly images: readonly { readonly name: string; readonly maxAgeSeconds: number }[];
    }
  | { readonly kind: 'wrong'; readonly mistakes: number };

export type WorkerFacts =
  | { readonly kind: 'not-set-up' }
  | {
      readonly kind: 'set-up';
      readonly service: 'running' | 'stopped' | 'absent';
      /** Whether the running worker has a connection to its master. */
      readonly connection: 'established' | 'none';
      /** What its log last says of a login that the master refused, since it was last connected. */
      readonly refused: 'login' | 'no';
      readonly master: { readonly text: string; readonly reachable: 'yes' | string };
    };

export interface TimerFacts {
  readonly name: string;
  readonly state: 'active' | 'inactive';
  /** How the last run of its service ended, `success` or systemd's word for what went wrong. */
  readonly result: string;
}

export interface AptFacts {
  /** Packages for which an upgrade is known. */
  readonly upgrades: readonly string[];
  /** Packages that dpkg has begun with and not finished. */
  readonly unfinished: readonly string[];
  readonly lock:
    | { readonly kind: 'free' }
    | { readonly kind: 'held'; readonly pid: number; readonly program: string; readonly seconds: number };
}

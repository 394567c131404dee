/** How a bare LXD is set up: what is there is used, and only what is missing is made. Pure. */
import { freeSubnet } from './subnet.ts';

export interface LxdSurroundings {
  /** Of LXD's storage drivers those that work on this machine. */
  readonly drivers: readonly string[];
  readonly pools: readonly string[];
  /** Bridges that LXD manages. */
  readonly bridges: readonly string[];
  /** As in /proc/net/route. */
  readonly routes: string;
  /** Bytes that are free where LXD keeps its pools. */
  readonly free: number;
}

export type LxdSetup =
  | {
      readonly kind: 'preseed';
      /** For `lxd init --preseed`. */
      readonly text: string;
      /** What is made; nothing for what was there. */
      readonly pool: string | undefined;
      readonly network: string | undefined;
    }
  | { readonly kind: 'no-subnet' };

const GIB = 2 ** 30;

/** @param size in LXD's form; empty for half of what is free, between 10 and 200 GiB. */
export function lxdSetup(around: LxdSurroundings, driver: 'btrfs' | 'dir', size: string): LxdSetup {
  const [pool = 'default'] = around.pools;
  const [bridge = 'lxdbr0'] = around.bridges;
  const address = freeSubnet(around.routes);
  const isNewPool = around.pools.length === 0;
  const isNewBridge = around.bridges.length === 0;
  if (isNewBridge && address === undefined) return { kind: 'no-subnet' };
  const text = JSON.stringify({
    // Images are refreshed by their recipes alone.
    config: { 'images.auto_update_interval': '0' },
    // The file of a pool is sparse: it takes what is used.
    storage_pools: isNewPool
      ? [{ name: pool, driver, config: driver === 'btrfs' ? { size: size || fittingSize(around.free) } : {} }]
      : [],
    networks: isNewBridge
      ? [
          {
            name: bridge,
            type: 'bridge',
            config: { 'ipv4.address': address, 'ipv4.nat': 'true', 'ipv6.address': 'none' },
          },
        ]
      : [],
    profiles: [
      {
        name: 'default',
        devices: {
          root: { type: 'disk', path: '/', pool },
          eth0: { type: 'nic', name: 'eth0', network: bridge },
        },
      },
    ],
  });
  return {
    kind: 'preseed',
    text,
    pool: isNewPool ? pool : undefined,
    network: isNewBridge ? bridge : undefined,
  };
}

function fittingSize(free: number): string {
  return `${Math.min(200, Math.max(10, Math.floor(free / 2 / GIB)))}GiB`;
}

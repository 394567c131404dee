/** What containers live in: the server, its storage, networks and profiles. Read only. */
import * as z from 'zod';
import { type Lxd, read, readMaybe } from './connection.ts';
import {
  leaseSchema,
  type Network,
  networkSchema,
  type Pool,
  type PoolResources,
  type Profile,
  poolResourcesSchema,
  poolSchema,
  profileSchema,
  type Server,
  serverSchema,
} from './schemas.ts';

/** What LXD it is, and what it can do. The cheapest way to find out whether it answers. */
export async function serverInfo(lxd: Lxd): Promise<Server> {
  return await read(lxd, '/1.0', serverSchema);
}

export async function listPools(lxd: Lxd): Promise<Pool[]> {
  return await read(lxd, '/1.0/storage-pools?recursion=1', z.array(poolSchema));
}

export async function poolResources(lxd: Lxd, pool: string): Promise<PoolResources> {
  return await read(lxd, `/1.0/storage-pools/${encodeURIComponent(pool)}/resources`, poolResourcesSchema);
}

export async function getProfile(lxd: Lxd, name: string): Promise<Profile | undefined> {
  return await readMaybe(lxd, `/1.0/profiles/${encodeURIComponent(name)}`, profileSchema);
}

export async function getNetwork(lxd: Lxd, name: string): Promise<Network | undefined> {
  return await readMaybe(lxd, `/1.0/networks/${encodeURIComponent(name)}`, networkSchema);
}

/** The addresses that the network's own DHCP server has given away or keeps for somebody. */
export async function leasedAddresses(lxd: Lxd, network: string): Promise<string[]> {
  const leases = await read(lxd, `/1.0/networks/${encodeURIComponent(network)}/leases`, z.array(leaseSchema));
  return leases.map(({ address }) => address);
}

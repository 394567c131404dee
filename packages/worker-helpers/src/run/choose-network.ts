/** Finds out what a new container can have for a network, and keeps an address for it. */
import { getNetwork, type Instance, type Lxd, leasedAddresses, listInstances } from '../lxd/index.ts';
import { runFailure } from './failure.ts';
import { runMessages } from './messages.ts';
import {
  freeAddress,
  keptAddress,
  keptAddresses,
  type Nic,
  onlyNic,
  type Subnet,
  subnetOf,
} from './network.ts';
import type { ContainerNetwork } from './new-container.ts';
import { reserve } from './reservation.ts';

/** Where the containers of an image are: on a bridge whose addresses we can give, or elsewhere. */
export type Place =
  | Exclude<ContainerNetwork, { kind: 'given' }>
  | { readonly kind: 'bridge'; readonly nic: Nic; readonly subnet: Subnet };

export async function placeOf(lxd: Lxd, prepared: Instance, wanted: 'own' | 'none'): Promise<Place> {
  const nic = onlyNic(prepared.expanded_devices);
  if (wanted === 'none' || nic === undefined) return { kind: wanted };
  const subnet = subnetOf(await getNetwork(lxd, nic.network));
  return subnet === undefined ? { kind: 'own' } : { kind: 'bridge', nic, subnet };
}

/** With the address that LXD keeps for `spare` already, when that is one of the bridge's, or else with a free one, which is kept. */
export async function networkAt(lxd: Lxd, place: Place, spare?: Instance): Promise<ContainerNetwork> {
  if (place.kind !== 'bridge') return place;
  const { nic, subnet } = place;
  const kept = spare === undefined ? undefined : keptAddress(spare, nic, subnet);
  const address = kept ?? (await takeAddress(lxd, nic, subnet));
  return { kind: 'given', nic, address, ...subnet };
}

async function takeAddress(lxd: Lxd, nic: Nic, subnet: Subnet): Promise<string> {
  const [instances, leased] = await Promise.all([listInstances(lxd), leasedAddresses(lxd, nic.network)]);
  const taken = [...leased, ...keptAddresses(instances)];
  for (;;) {
    const address = freeAddress(subnet, taken);
    if (address === undefined) throw runFailure(runMessages.noAddress(nic.network));
    if (await reserve(address)) return address;
    taken.push(address);
  }
}

/**
 * A copy of the prepared container that is there before it is wanted. Making the copy is a third of what a container costs
 * until its first output; so each run makes one for the next, with its address, while its own command runs.
 */
import {
  claimInstance,
  createInstance,
  type Instance,
  instanceKeys,
  isSpareOf,
  kindOf,
  type Lxd,
  listInstances,
  type NewInstance,
  setInstanceConfig,
} from '../lxd/index.ts';
import { networkAt, placeOf } from './choose-network.ts';
import { newSpare } from './new-container.ts';
import { reserve } from './reservation.ts';

/** The spare ones of that prepared container, those that are being made included. */
export const sparesOf = (prepared: Instance, instances: readonly Instance[]): Instance[] =>
  instances.filter((one) => isSpareOf(prepared.name, one.name) && kindOf(one) === 'prepared');

/** Makes that container of the spare one; gives whether nobody else was quicker. */
export async function takeSpare(lxd: Lxd, spare: string, container: Promise<NewInstance>): Promise<boolean> {
  const { kind, ready } = instanceKeys;
  return await claimInstance(lxd, spare, { [kind]: 'prepared', [ready]: 'true' }, container);
}

/** Makes one when there is none. It is only there to save time: what goes wrong with it is nobody's trouble. */
export async function makeSpare(lxd: Lxd, prepared: Instance, owner: string): Promise<void> {
  try {
    if (!(await reserve(`spare/${prepared.name}`))) return;
    if (sparesOf(prepared, await listInstances(lxd)).length > 0) return;
    const network = await networkAt(lxd, await placeOf(lxd, prepared, 'own'));
    const spare = newSpare(prepared, owner, network);
    await createInstance(lxd, spare);
    await setInstanceConfig(lxd, spare.name, { [instanceKeys.ready]: 'true' });
  } catch {
    // LXD's trouble is told by what needs LXD.
  }
}

/** What a killed lpbuildbot-run has left behind, removed by the next one while its own command runs. */
import { isAlive, type Lxd, listInstances, ownerText } from '../lxd/index.ts';
import { removeInstance } from '../run/remove.ts';
import { ownersOf, planRemovals, type Seen } from './plan.ts';

/** Removes the containers of builds whose owner is gone, and leaves everything that is costlier to find to the timer. */
export async function sweep(lxd: Lxd): Promise<void> {
  const instances = await listInstances(lxd);
  const alive = await livingOwners(instances);
  const orphans = planRemovals({ instances, images: new Set(), alive }).filter(({ kind }) => kind === 'run');
  await Promise.all(orphans.map(({ name }) => removeInstance(lxd, name).catch(() => undefined)));
}

/** Those of the instances' owners that live, as `ownerText`. */
export async function livingOwners(instances: Seen['instances']): Promise<Set<string>> {
  const owners = new Map(ownersOf(instances).map((owner) => [ownerText(owner), owner]));
  const alive = new Set<string>();
  for (const [text, owner] of owners) if (await isAlive(owner)) alive.add(text);
  return alive;
}

/** Looks at everything that the doctor judges. Nothing here changes anything, and whatever cannot be looked at is a fact too. */
import { readFile, statfs } from 'node:fs/promises';
import { imageRows } from '../images/image-list.ts';
import { hostApt, observeImages, recipeHashes } from '../images/observe.ts';
import { defaultPlaces } from '../images/places.ts';
import { loadRecipes } from '../images/recipes/load-recipes.ts';
import {
  getNetwork,
  getProfile,
  type Lxd,
  LxdError,
  listPools,
  openLxd,
  poolResources,
  serverInfo,
} from '../lxd/index.ts';
import type { Run } from '../setup/machine.ts';
import type {
  Facts,
  ImageFacts,
  LxdFacts,
  NetworkFacts,
  RecipeFacts,
  SpaceFacts,
  TimerFacts,
} from './facts.ts';
import { observeApt } from './observe-apt.ts';
import { observeWorker } from './observe-worker.ts';

type Env = Readonly<Record<string, string | undefined>>;
type Recipes = Awaited<ReturnType<typeof loadRecipes>>;

const BUILDS = '/var/lib/buildbot';
const TIMERS = ['lpbuildbot-clean-containers', 'lpbuildbot-refresh-images'];

export async function observe(env: Env, run: Run): Promise<Facts> {
  const recipes = await loadRecipes(defaultPlaces.recipes);
  const [lxd, directory, worker, timers, apt] = await Promise.all([
    observeLxd(openLxd(env), recipes),
    spaceOf(BUILDS),
    observeWorker(run),
    Promise.all(TIMERS.map((name) => observeTimer(name, run))),
    observeApt(run),
  ]);
  return { lxd, directory, recipes: recipeFacts(recipes), worker, timers, apt };
}

async function observeLxd(lxd: Lxd, recipes: Recipes): Promise<LxdFacts> {
  try {
    const { environment } = await serverInfo(lxd);
    const [pools, network, images] = await Promise.all([
      observePools(lxd),
      observeNetwork(lxd),
      observeOwnImages(lxd, recipes),
    ]);
    return { kind: 'answers', version: environment.server_version, pools, network, images };
  } catch (error) {
    if (error instanceof LxdError) return { kind: 'unreachable', reason: error.message };
    throw error;
  } finally {
    lxd.agent.destroy();
  }
}

async function observePools(lxd: Lxd): Promise<SpaceFacts[]> {
  const pools = await listPools(lxd);
  return await Promise.all(
    pools.map(async ({ name }) => {
      const { space } = await poolResources(lxd, name);
      return { name: `LXD's pool ${name}`, total: space.total, free: space.total - space.used };
    }),
  );
}

async function observeNetwork(lxd: Lxd): Promise<NetworkFacts> {
  const profile = await getProfile(lxd, 'default');
  const card = Object.values(profile?.devices ?? {}).find(({ type }) => type === 'nic');
  if (card === undefined) return { kind: 'none' };
  const name = card.network ?? card.parent ?? '';
  const network = await getNetwork(lxd, name);
  if (network === undefined || !network.managed) return { kind: 'unmanaged', name };
  const forward = await readFile('/proc/sys/net/ipv4/ip_forward', 'utf8').catch(() => '1');
  const address = network.config?.['ipv4.address'] ?? '';
  return { kind: 'managed', name, address, forwarding: forward.trim() === '0' ? 'off' : 'on' };
}

async function observeOwnImages(lxd: Lxd, recipes: Recipes): Promise<ImageFacts[]> {
  const { images } = await observeImages(lxd);
  const hashes =
    recipes.kind === 'accepted'
      ? await recipeHashes(recipes.recipes, await hostApt()).catch(() => undefined)
      : undefined;
  return imageRows({ images, hashes, now: Date.now() })
    .filter(({ state }) => state === 'current')
    .map(({ name, ageSeconds, recipe }) => ({ name, ageSeconds: ageSeconds ?? 0, recipe }));
}

function recipeFacts(recipes: Recipes): RecipeFacts {
  if (recipes.kind === 'refused') return { kind: 'wrong', mistakes: recipes.mistakes.length };
  const images = [...recipes.recipes.values()].map(({ name, maxAgeSeconds }) => ({ name, maxAgeSeconds }));
  return { kind: 'read', images };
}

async function spaceOf(path: string): Promise<SpaceFacts> {
  const { bsize, blocks, bavail } = await statfs(path).catch(() => statfs('/'));
  return { name: path, total: bsize * blocks, free: bsize * bavail };
}

async function observeTimer(name: string, run: Run): Promise<TimerFacts> {
  const timer = await run(['systemctl', 'is-active', `${name}.timer`]);
  const service = await run(['systemctl', 'show', '--property=Result', '--value', `${name}.service`]);
  return {
    name: `${name}.timer`,
    state: timer.output.trim() === 'active' ? 'active' : 'inactive',
    result: service.code === 0 ? service.output.trim() || 'success' : 'success',
  };
}

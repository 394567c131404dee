/**
 * Makes one image, from its base to the moment when its alias moves: in a container of its own, published, and tried in a
 * second container. Whatever goes wrong on the way, what was there before stays, and what was made on the way goes.
 */
import { imageAlias } from '../lxd/index.ts';
import type { BaseMaker } from './base.ts';
import type { BuildLog } from './build-log.ts';
import { Guest, type Workplace } from './guest.ts';
import { aptUpdate, aptUpgrade, networkScript, quietScript, tidyScript } from './guest-scripts.ts';
import { layerSteps } from './layer-steps.ts';
import { makingWords } from './messages.ts';
import { propertiesOf, whole } from './properties.ts';
import type { Recipe } from './recipes/model.ts';
import { smokeTest } from './smoke.ts';
import type { Properties, Store, StoredImage } from './store.ts';

export interface Job {
  readonly recipe: Recipe;
  readonly hash: string;
  /** The fingerprint of the image below, where it is one of this LXD. */
  readonly base: string | undefined;
  /** Of all layers, those of the images below included. */
  readonly environment: Readonly<Record<string, string>>;
  /** Commands that must succeed in it, those of the images below included. */
  readonly smoke: readonly string[];
}

export interface Workshop {
  readonly store: Store;
  readonly bases: BaseMaker;
  /** This process, as containers and images say whose they are. */
  readonly owner: string;
  readonly newName: () => string;
  readonly log: BuildLog;
  /** Tells that a step begins. */
  readonly step: (words: string) => void;
  /** Tells what is odd and no failure. */
  readonly warn: (words: string) => void;
  readonly signal: AbortSignal;
}

/** Throws StepFailed, what the signal was aborted with, or what LXD said. */
export async function makeImage(job: Job, shop: Workshop): Promise<StoredImage> {
  const { store } = shop;
  const { base, layers } = job.recipe;
  const properties = propertiesOf(job, { owner: shop.owner });
  const made =
    base.kind === 'archive' && layers.flatMap(layerSteps).length === 0
      ? await shop.bases.imageOf(base, properties, shop)
      : await furnished(job, properties, shop);
  try {
    shop.step(makingWords.trying);
    await withContainer(shop, async (name) => {
      await store.launch(name, { kind: 'local', fingerprint: made.fingerprint }, shop.signal);
      const failed = await smokeTest(new Guest(name, workplace(job, shop)), job.smoke);
      if (failed.length > 0) shop.warn(makingWords.degraded(failed));
    });
    shop.signal.throwIfAborted();
    await store.setProperties(made.fingerprint, propertiesOf(job, whole));
    await store.pointAlias(imageAlias(job.recipe.name), made.fingerprint);
  } catch (error) {
    await store.deleteImage(made.fingerprint);
    throw error;
  }
  return made;
}

function workplace({ environment }: Job, { store, log, signal }: Workshop): Workplace {
  return { store, log, signal, environment };
}

/** The base with all that the recipe adds to it. */
async function furnished(job: Job, properties: Properties, shop: Workshop): Promise<StoredImage> {
  const { store } = shop;
  return await withContainer(shop, async (name) => {
    const { origin, discard } = await shop.bases.originOf(job, shop);
    try {
      shop.step(makingWords.starting);
      await store.launch(name, origin, shop.signal);
    } finally {
      await discard();
    }
    await furnish(job, new Guest(name, workplace(job, shop)), shop);
    shop.step(makingWords.publishing);
    await store.stop(name);
    shop.signal.throwIfAborted();
    return await store.publish(name, properties);
  });
}

/** Everything between a bare base and what is published. */
async function furnish(job: Job, guest: Guest, shop: Workshop): Promise<void> {
  const { recipe } = job;
  await guest.booted();
  await guest.run({ title: makingWords.quieting, script: quietScript });
  await guest.run({ title: makingWords.network, script: networkScript });
  await guest.connected();
  // What stands on another of our images is as new as that one.
  if (recipe.upgrade && recipe.base.kind !== 'image' && (await guest.hasApt())) {
    shop.step(makingWords.upgrading);
    await guest.run({ title: makingWords.aptUpdate, script: aptUpdate });
    await guest.run({ title: makingWords.upgrading, script: aptUpgrade });
  }
  for (const step of recipe.layers.flatMap(layerSteps)) {
    shop.step(step.title);
    await guest.run(step);
  }
  // Once more: a package may have brought services, and a file may have changed the network.
  await guest.run({ title: makingWords.quieting, script: quietScript });
  await guest.run({ title: makingWords.tidying, script: tidyScript });
}

async function withContainer<Result>(
  shop: Workshop,
  work: (name: string) => Promise<Result>,
): Promise<Result> {
  const name = shop.newName();
  try {
    return await work(name);
  } finally {
    await shop.store.deleteContainer(name);
  }
}

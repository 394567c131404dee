/**
 * Brings images to where their recipes want them: looks, decides, makes one after another, and looks again before each, since
 * another run may have made it meanwhile.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../command/failure.ts';
import type { Log } from '../command/log.ts';
import { isProblem, type Lxd, LxdError, newInstanceName, ownerHere, ownerText } from '../lxd/index.ts';
import { BaseMaker } from './base.ts';
import { BuildLog } from './build-log.ts';
import { StepFailed } from './guest.ts';
import { hostArchitecture, hostProxies } from './host.ts';
import { clearLeftovers, workDirectory } from './leftovers.ts';
import { takeLock } from './lock.ts';
import { lxdStore } from './lxd-store.ts';
import { type Job, makeImage } from './make-image.ts';
import { commandWords } from './messages.ts';
import type { OwnImage } from './model.ts';
import { hostApt, type Observed, observeImages, recipeHashes } from './observe.ts';
import type { Places } from './places.ts';
import { type BuildInputs, type PlannedImage, planBuilds } from './plan-builds.ts';
import type { Layer, Recipe } from './recipes/model.ts';
import type { Recipes } from './recipes/read-recipes.ts';

export interface Request {
  readonly recipes: Recipes;
  readonly wanted: readonly string[];
  readonly force: boolean;
  readonly maxAgeSeconds: number | undefined;
}

interface Tools {
  readonly lxd: Lxd;
  readonly places: Places;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** The exit code: 0 when all that was wanted is there and fresh. */
export async function createImages(request: Request, tools: Tools): Promise<number> {
  const run = await Run.begin(request, tools);
  try {
    return await run.all();
  } finally {
    await rm(run.work, { recursive: true, force: true });
  }
}

type Outcome = 'there' | 'failed';

class Run {
  /** This run's own directory. */
  readonly work: string;
  readonly #request: Request;
  readonly #tools: Tools;
  readonly #owner: string;
  readonly #bases: BaseMaker;
  readonly #hashes: ReadonlyMap<string, string>;
  readonly #outcomes = new Map<string, Outcome>();
  readonly #begun = Date.now();

  private constructor(
    request: Request,
    tools: Tools,
    owner: string,
    bases: BaseMaker,
    hashes: ReadonlyMap<string, string>,
  ) {
    this.#request = request;
    this.#tools = tools;
    this.work = join(tools.places.work, workDirectory(owner));
    this.#owner = owner;
    this.#bases = bases;
    this.#hashes = hashes;
  }

  static async begin(request: Request, tools: Tools): Promise<Run> {
    const owner = ownerText(await ownerHere());
    await clearLeftovers(tools.lxd, tools.places, tools.log);
    const apt = await hostApt();
    const bases = new BaseMaker({
      work: join(tools.places.work, workDirectory(owner)),
      apt,
      architecture: await hostArchitecture(tools.lxd),
      proxies: await hostProxies(),
    });
    return new Run(request, tools, owner, bases, await recipeHashes(request.recipes, apt));
  }

  async all(): Promise<number> {
    const { log } = this.#tools;
    const planned = await this.#plan(this.#request.wanted, await observeImages(this.#tools.lxd));
    for (const one of planned) {
      const { name, base } = one.recipe;
      if (base.kind === 'image' && this.#outcomes.get(base.name) === 'failed') {
        log.error(commandWords.baseFailed(name, base.name));
        this.#outcomes.set(name, 'failed');
      } else if (one.kind === 'fresh') {
        log.info(commandWords.fresh(name, one.image, Date.now()));
      } else {
        this.#outcomes.set(name, await this.#inTurn(name));
      }
    }
    return [...this.#outcomes.values()].includes('failed') ? 1 : 0;
  }

  async #plan(
    wanted: readonly string[],
    observed: Observed,
    force = this.#request.force,
  ): Promise<PlannedImage[]> {
    const { recipes, maxAgeSeconds } = this.#request;
    const inputs: BuildInputs = {
      recipes,
      hashes: this.#hashes,
      current: currentOf(observed),
      aliases: observed.aliases,
      wanted,
      force,
      maxAgeSeconds,
      now: Date.now(),
    };
    return planBuilds(inputs);
  }

  /** Waits for its turn, and makes the image if it is still to be made then. */
  async #inTurn(name: string): Promise<Outcome> {
    const { places, log, signal, lxd } = this.#tools;
    const lock = await takeLock(
      places.locks,
      name,
      (holder) => log.info(commandWords.waiting(name, holder)),
      signal,
    );
    try {
      const observed = await observeImages(lxd);
      const before = currentOf(observed).get(name);
      // Made while we waited is as good as made by us, even where making it was asked for whatever its state.
      const madeMeanwhile = before !== undefined && before.madeAt >= this.#begun;
      const force = this.#request.wanted.includes(name) && this.#request.force && !madeMeanwhile;
      const one = (await this.#plan([name], observed, force)).find(({ recipe }) => recipe.name === name);
      if (one === undefined || one.kind === 'fresh') {
        log.info(commandWords.madeMeanwhile(name));
        return 'there';
      }
      return await this.#make(one, before, observed);
    } finally {
      await lock.release();
    }
  }

  async #make(
    { recipe, hash, why }: PlannedImage & { kind: 'make' },
    before: OwnImage | undefined,
    observed: Observed,
  ): Promise<Outcome> {
    const { log, signal, places, lxd } = this.#tools;
    const { name } = recipe;
    const started = performance.now();
    const elapsed = () => performance.now() - started;
    const buildLog = await BuildLog.open(places.logs, name, Date.now());
    log.info(commandWords.making(name, why), { image: name, why });
    try {
      const made = await makeImage(jobOf(recipe, hash, this.#request.recipes, observed), {
        store: lxdStore(lxd, this.#owner),
        bases: this.#bases,
        owner: this.#owner,
        newName: () => newInstanceName('build'),
        log: buildLog,
        step: (words) => log.info(commandWords.step(name, words, elapsed()), { image: name }),
        warn: (words) => log.warn(commandWords.odd(name, words), { image: name }),
        signal,
      });
      log.info(commandWords.made(name, made, elapsed(), before), { image: name, ...made });
      return 'there';
    } catch (error) {
      signal.throwIfAborted();
      if (isProblem(error, 'unreachable', 'not-installed', 'no-permission')) throw error;
      if (!(error instanceof Error) || !isExpected(error)) throw error;
      log.error(commandWords.notMade(name, whyOf(error, buildLog), buildLog, before), { image: name });
      return 'failed';
    }
  }
}

function whyOf(error: Error, log: BuildLog): string {
  const full = isFullDisk(error) || log.lastLines(20).some((line) => /no space left on device/i.test(line));
  return full ? commandWords.diskFull(error.message) : error.message;
}

/** What people can do something about; the rest is a mistake of ours. */
function isExpected(error: Error): boolean {
  return error instanceof StepFailed || error instanceof LxdError || isFullDisk(error);
}

function isFullDisk(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
}

/** What the aliases of our images lead to, by name. */
function currentOf({ images }: Observed): ReadonlyMap<string, OwnImage> {
  return new Map(images.filter(({ current }) => current).map((image) => [image.name, image]));
}

function jobOf(recipe: Recipe, hash: string, recipes: Recipes, observed: Observed): Job {
  const { base } = recipe;
  const layers = layersBelow(recipe, recipes);
  return {
    recipe,
    hash,
    base:
      base.kind === 'image'
        ? currentOf(observed).get(base.name)?.fingerprint
        : base.kind === 'alias'
          ? observed.aliases.get(base.alias)
          : undefined,
    environment: Object.assign({}, ...layers.map(({ environment }) => environment)),
    smoke: layers.flatMap(({ smoke }) => smoke),
  };
}

/** Those of the images below first. */
function layersBelow(recipe: Recipe, recipes: Recipes): readonly Layer[] {
  const below = recipe.base.kind === 'image' ? recipes.get(recipe.base.name) : undefined;
  return [...(below === undefined ? [] : layersBelow(below, recipes)), ...recipe.layers];
}

/** Aborts when the process is told to end; the reason is what the command then says. */
export function untilSignal(): { readonly signal: AbortSignal; readonly forget: () => void } {
  const controller = new AbortController();
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  const handlers = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => {
    const handler = () =>
      controller.abort(new Failure(commandWords.interrupted(name), { exitCode: codes[name] }));
    process.on(name, handler);
    return { name, handler };
  });
  return {
    signal: controller.signal,
    forget: () => {
      for (const { name, handler } of handlers) process.off(name, handler);
    },
  };
}

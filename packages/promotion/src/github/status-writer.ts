/** Brings the statuses of a promotion's commits to what they should be, with as few requests as that takes. */
import type { Sha } from '@lpbuildbot/pipeline';
import * as z from 'zod';
import type { KnownBuild } from '../buildbot/build-store.ts';
import type { PromotionInputs, PromotionVerdict, Refusal } from '../decide-promotion.ts';
import type { Mirror } from '../git/mirror.ts';
import { RemoteError } from '../remote.ts';
import type { Rest } from './client.ts';
import type { Repository } from './place.ts';
import { missingOf, PREFIX, type Status, type StatusInputs, statusesOf } from './statuses.ts';
import type { Writer } from './writer.ts';

/** How many commits of each branch are looked after, from its tip back. */
const WINDOW = 15;
/** For how many commits it is remembered what they have. */
const REMEMBERED = 2000;

const statusSchema = z.object({
  context: z.string(),
  state: z.enum(['error', 'failure', 'pending', 'success']),
  description: z.string().nullish(),
  target_url: z.string().nullish(),
});
const combinedSchema = z.object({ statuses: z.array(statusSchema) });

export interface LookedPromotion {
  readonly inputs: PromotionInputs;
  readonly verdict: PromotionVerdict;
  readonly refusal: Refusal | undefined;
}

export class StatusWriter {
  readonly #writer: Writer;
  readonly #repository: Repository;
  readonly #mirror: Mirror;
  readonly #link: (build: KnownBuild) => string;
  /** What commits have, by context. */
  readonly #known = new Map<Sha, Map<string, Status>>();

  constructor(writer: Writer, repository: Repository, mirror: Mirror, link: (build: KnownBuild) => string) {
    this.#writer = writer;
    this.#repository = repository;
    this.#mirror = mirror;
    this.#link = link;
  }

  /** Throws RemoteError when GitHub can't be asked, or does not take them. */
  async write({ inputs, verdict, refusal }: LookedPromotion): Promise<void> {
    const { pair, from, to, relation, builds } = inputs;
    // What is about to move will have been looked at again in a moment.
    if (from === undefined || 'unknown' in builds || (verdict.kind === 'move' && refusal === undefined))
      return;
    const facts: Omit<StatusInputs, 'isStable'> = { pair, from, verdict, refusal, builds, link: this.#link };
    if (to !== from) {
      const ahead = relation?.kind === 'ahead' ? relation.candidates.slice(1, WINDOW) : [];
      await this.#bring(from, statusesOf(from, { ...facts, isStable: false }));
      for (const revision of ahead) {
        const wanted = statusesOf(revision, { ...facts, isStable: false });
        // Nobody has tested it, and nobody asks: the tip says what is waited for.
        if (wanted.length > 1) await this.#bring(revision, wanted);
      }
    }
    if (to === undefined) return;
    const [, ...before] = await this.#mirror.recent(to, WINDOW);
    await this.#bring(to, statusesOf(to, { ...facts, isStable: true }));
    for (const revision of before) {
      // What was said while it waited is brought to its end.
      const has = await this.#has(revision);
      const wanted = statusesOf(revision, { ...facts, isStable: true });
      await this.#bring(
        revision,
        wanted.filter(({ context }) => has.has(context)),
      );
    }
  }

  async #bring(revision: Sha, wanted: readonly Status[]): Promise<void> {
    if (wanted.length === 0) return;
    const has = await this.#has(revision);
    for (const status of missingOf(wanted, has)) {
      const { context, state, description, target_url } = status;
      const link = target_url === '' ? {} : { target_url };
      const send = (rest: Rest) =>
        rest.repos.createCommitStatus({
          ...this.#repository,
          sha: revision,
          context,
          state,
          description,
          ...link,
        });
      // Forgotten while it is open whether it was taken; what is there is then read again.
      this.#known.delete(revision);
      await this.#writer.write(statusSchema, send);
      has.set(context, status);
      this.#remember(revision, has);
    }
  }

  async #has(revision: Sha): Promise<Map<string, Status>> {
    const known = this.#known.get(revision);
    if (known !== undefined) return known;
    const reply = await this.#writer.client.read(combinedSchema, (rest) =>
      rest.repos.getCombinedStatusForRef({ ...this.#repository, ref: revision, per_page: 100 }),
    );
    if (reply.kind !== 'ok') throw new RemoteError(reply.reason);
    const ours = (reply.data?.statuses ?? []).filter(({ context }) => context.startsWith(PREFIX));
    const has = new Map(
      ours.map(({ context, state, description, target_url }) => [
        context,
        { context, state, description: description ?? '', target_url: target_url ?? '' },
      ]),
    );
    this.#remember(revision, has);
    return has;
  }

  #remember(revision: Sha, has: Map<string, Status>): void {
    this.#known.delete(revision);
    this.#known.set(revision, has);
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
  }
}

/**
 * Tells people what is new. It looks when anything may have changed, finds out what of it is news, puts that on the desk and
 * remembers it, in this order: a crash in between finds the same news again, and the desk knows them by their keys. All of it
 * happens beside the looking and moving and never in its way.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { colour, type KnownBuild } from '../buildbot/build-store.ts';
import type { KnownBuilds } from '../buildbot/known-builds.ts';
import { BuildbotError } from '../buildbot/rest.ts';
import type { AuditEntry } from '../state/audit.ts';
import type { PairReport } from '../state-report.ts';
import { type Ended, isNewerThanKnown, isNews } from './build-news.ts';
import { type Delivery, type Desk, mailId } from './desk.ts';
import { leftOver } from './entry-news.ts';
import type { Fact } from './facts.ts';
import { type NewsMemory, writeNewsMemory } from './memory.ts';
import { type Context, chatText, conflictMail, deskMessages, mendedMail } from './messages.ts';
import { news } from './news.ts';
import type { Message } from './outbox.ts';
import { isForChat, isForMail, type Watch } from './watched.ts';

export interface NotifierOptions {
  readonly state: string;
  readonly watch: Watch;
  readonly memory: NewsMemory;
  readonly desk: Desk;
  readonly builds: Pick<KnownBuilds, 'isWhole' | 'settle' | 'isPatched'>;
  readonly reports: () => Promise<readonly PairReport[]>;
  /** Reads what the words for these facts need; resolves with whether all of it was there. */
  readonly describe: (facts: readonly Fact[], reports: readonly PairReport[]) => Promise<boolean>;
  readonly context: Omit<Context, 'now'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: { warn(data: object, message: string): void };
  readonly onError: (error: unknown) => void;
}

/** The least time between two looks, in milliseconds. */
const REST = 200;
/** How long news wait for their commits to be fetched, in milliseconds. */
const FETCHING = 3_000;
/** How long news wait after a start for Buildbot's history, so that they are told in order, in milliseconds. */
const PATIENCE = 10_000;

export class Notifier {
  readonly #options: NotifierOptions;
  readonly #startedAt = performance.now();
  #memory: NewsMemory;
  /** What has not been considered yet. */
  readonly #entries: AuditEntry[] = [];
  readonly #finished: Ended[] = [];
  #isWanted = false;
  /** Nobody waits for Buildbot's history any more. */
  #isForced = false;
  #isSaved = true;
  #wasWritten = true;
  /** Since when news wait for their commits. */
  #waitsSince: number | undefined;
  #working: Promise<void> | undefined;
  #later: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param tail the end of the audit log as it was at the start. */
  constructor(options: NotifierOptions, tail: readonly AuditEntry[]) {
    this.#options = options;
    this.#memory = options.memory;
    this.#entries.push(...leftOver(options.memory, tail));
  }

  /** The audit log has a new entry; returns at once. */
  hear(entry: AuditEntry): void {
    this.#entries.push(entry);
    this.wake();
  }

  /** A build has ended, now or long ago; returns at once. */
  hearOfBuild(build: KnownBuild): void {
    const { watch } = this.#options;
    if (isNews(this.#memory, build, watch) || isNewerThanKnown(this.#memory, build, watch)) {
      const { builds, now } = this.#options;
      // What is read while Buildbot's history is may have ended long ago.
      this.#finished.push({ build, heardAt: builds.isWhole ? now() : undefined });
      this.wake();
    }
  }

  /** Something may be new; returns at once. */
  wake(): void {
    this.#isWanted = true;
    if (this.#working !== undefined || this.#stopped) return;
    this.#working = this.#work().finally(() => {
      this.#working = undefined;
      if (this.#isWanted) this.wake();
    });
  }

  deliveries(): Delivery[] {
    return this.#options.desk.deliveries();
  }

  /** Looks now, with what is known, and resolves when everything is sent or can't be for now. */
  async settled(): Promise<void> {
    this.#isForced = true;
    this.wake();
    while (this.#working !== undefined) await this.#working;
    await this.#options.desk.settled();
  }

  /** What has not been considered is found again by the next run. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#later);
    await this.#working;
    await this.#options.desk.stop();
  }

  async #work(): Promise<void> {
    while (this.#isWanted && !this.#stopped) {
      this.#isWanted = false;
      await this.#look();
      await sleep(REST);
    }
  }

  async #look(): Promise<void> {
    const waited = performance.now() - this.#startedAt;
    const isWhole = this.#options.builds.isWhole || this.#isForced;
    if (!isWhole && waited < PATIENCE) {
      this.#later ??= setTimeout(() => this.wake(), PATIENCE - waited + 1);
      return;
    }
    try {
      await this.#tell(isWhole);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  async #tell(withBuilds: boolean): Promise<void> {
    const { watch, desk, describe, now, onError } = this.#options;
    const entries = [...this.#entries];
    const pending = [...this.#finished];
    const finished = withBuilds ? await this.#withoutPatched(pending) : undefined;
    const reports = await this.#options.reports();
    const seen = { at: now(), entries, finished, reports };
    const { facts, memory } = news(seen, this.#memory, watch);
    const isDescribed = await describe(facts, reports).catch((error: unknown) => {
      onError(error);
      return true;
    });
    if (!isDescribed && this.#isWorthWaiting()) return;
    this.#waitsSince = undefined;
    for (const message of facts.flatMap((fact) => this.#worded(fact))) await desk.put(message);
    this.#entries.splice(0, entries.length);
    if (finished !== undefined) this.#finished.splice(0, pending.length);
    await this.#remember(memory);
    desk.wake();
  }

  /** The look that brings a commit runs at the same time; some are never found. */
  #isWorthWaiting(): boolean {
    const now = performance.now();
    this.#waitsSince ??= now;
    if (this.#isForced || now - this.#waitsSince > FETCHING) return false;
    this.#isWanted = true;
    return true;
  }

  /** Undefined when Buildbot can't say now what had a patch on top. */
  async #withoutPatched(pending: readonly Ended[]): Promise<Ended[] | undefined> {
    const { builds, watch } = this.#options;
    const fresh = pending.filter(({ build }) => isNews(this.#memory, build, watch));
    // Of the past, only the newest of each builder says something that is not known.
    const past = new Map<string, Ended>();
    for (const ended of pending) {
      const { build } = ended;
      if (fresh.includes(ended) || colour(build) === 'neither' || build.revision === undefined) continue;
      const other = past.get(build.builder)?.build;
      if (other === undefined || build.startedAt >= other.startedAt) past.set(build.builder, ended);
    }
    const all = [...past.values(), ...fresh];
    try {
      await builds.settle(all.map(({ build }) => build));
    } catch (error) {
      if (error instanceof BuildbotError) return undefined;
      throw error;
    }
    return all.filter(({ build }) => !builds.isPatched(build));
  }

  #worded(fact: Fact): Message[] {
    const { watch, desk, context, now } = this.#options;
    const watched = watch.projects.get(fact.project);
    if (watched === undefined) return [];
    const { mattermost, mail } = watched.notify;
    const around = { ...context, now: now() };
    const { key, at } = fact;
    const messages: Message[] = [];
    if (mattermost !== undefined && desk.has('mattermost') && isForChat(watched, fact)) {
      const { channel } = mattermost;
      messages.push({ kind: 'chat', key, at, channel, text: chatText(fact, around) });
    }
    if (mail !== undefined && desk.has('mail') && isForMail(watched, fact)) {
      const common = { kind: 'mail', key, at, to: [...mail.to], id: mailId(key) } as const;
      if (fact.kind === 'mended') {
        messages.push({ ...common, ...mendedMail(fact, around), answers: mailId(fact.thread) });
      } else if (fact.kind === 'entry' && fact.entry.event === 'conflict') {
        const words = conflictMail(fact.pair, fact.entry, around);
        const answers = fact.thread === undefined ? {} : { answers: mailId(fact.thread) };
        messages.push({ ...common, ...words, ...answers });
      }
    }
    return messages;
  }

  async #remember(memory: NewsMemory): Promise<void> {
    const { state, desk, log } = this.#options;
    if (memory !== this.#memory) this.#isSaved = false;
    this.#memory = memory;
    if (!this.#isSaved) {
      // On a full disk it is written the next time.
      this.#isSaved = await writeNewsMemory(state, memory).then(
        () => true,
        () => false,
      );
    }
    const isWritten = this.#isSaved && desk.unwritten === 0;
    if (!isWritten && this.#wasWritten) log.warn({ state }, deskMessages.unwritten);
    this.#wasWritten = isWritten;
  }
}

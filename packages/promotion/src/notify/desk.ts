/**
 * Everything that leaves: an outbox and a sender for each channel of Mattermost, and one for mail. A channel that takes nothing
 * keeps no other one waiting, and whatever a server does here, nobody who puts something on the desk waits for it.
 */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { deskMessages, droppedText } from './messages.ts';
import { type Letter, type MailMessage, type Message, Outbox } from './outbox.ts';
import { Pace } from './pace.ts';
import { type Outcome, Sender, type Trouble, type Why } from './sender.ts';

/** As pipeline files name them. */
const CHANNEL = /^[a-z0-9][a-z0-9._-]{0,63}$/;

export type Way = 'mattermost' | 'mail';

/** How it goes with one way of telling, since the start of this process. */
export interface Delivery {
  readonly way: Way;
  readonly sent: number;
  /** Attempts that failed, by kind. */
  readonly failed: Readonly<Record<Why, number>>;
  /** Messages that were not sent and won't be: refused again and again, or the oldest of too many. */
  readonly lost: number;
  readonly waiting: number;
  /** When the oldest that waits came about, in milliseconds since the epoch. */
  readonly oldestAt: number | undefined;
  /** Why nothing is sent at the moment, to the place that has had trouble for longest. */
  readonly trouble: Trouble | undefined;
}

export interface DeskOptions {
  readonly directory: string;
  /** Posts a text to a channel; undefined when the configuration has no Mattermost. */
  readonly post: ((channel: string, text: string, stop: AbortSignal) => Promise<Outcome>) | undefined;
  readonly mail: ((mail: MailMessage) => Promise<Outcome>) | undefined;
  /** The channels that the pipeline files name. */
  readonly channels: readonly string[];
  /** Everybody who gets mail. */
  readonly addresses: readonly string[];
  /** Between two messages to one server, in milliseconds. */
  readonly pauseMs: Readonly<Record<Way, number>>;
  /** The wait after the nth failure in a row, in milliseconds. */
  readonly delayMs: (failures: number) => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: {
    info(data: object, message: string): void;
    warn(data: object, message: string): void;
  };
}

interface Place {
  readonly outbox: Outbox;
  readonly sender: Sender;
}

interface Tally {
  sent: number;
  readonly failed: Record<Why, number>;
  givenUp: number;
}

export class Desk {
  readonly #options: DeskOptions;
  /** By way and, for Mattermost, channel. */
  readonly #places = new Map<string, Place>();
  readonly #paces: Readonly<Record<Way, Pace>>;
  readonly #tallies: Readonly<Record<Way, Tally>> = { mattermost: newTally(), mail: newTally() };

  private constructor(options: DeskOptions) {
    this.#options = options;
    this.#paces = { mattermost: new Pace(options.pauseMs.mattermost), mail: new Pace(options.pauseMs.mail) };
  }

  /** Opens it with what an earlier run left there. */
  static async open(options: DeskOptions): Promise<Desk> {
    const desk = new Desk(options);
    const { post, mail } = options;
    const base = join(options.directory, 'mattermost');
    // What waits for a channel that is no longer named is sent all the same.
    const left = await readdir(base).catch((): string[] => []);
    const channels = new Set([...options.channels, ...left.filter((name) => CHANNEL.test(name))]);
    if (post !== undefined) {
      for (const channel of channels)
        await desk.#add('mattermost', channel, join(base, channel), (letter, stop) =>
          post(channel, chatTextOf(letter), stop),
        );
    }
    if (mail !== undefined)
      await desk.#add('mail', '', join(options.directory, 'mail'), (letter) =>
        mail(mailOf(letter, options.addresses)),
      );
    return desk;
  }

  async #add(
    way: Way,
    name: string,
    directory: string,
    send: (letter: Letter, stop: AbortSignal) => Promise<Outcome>,
  ): Promise<void> {
    const { delayMs, now, log } = this.#options;
    const outbox = new Outbox(directory);
    await outbox.load();
    const tally = this.#tallies[way];
    const where = name === '' ? { way } : { way, channel: name };
    let isInTrouble = false;
    const sender = new Sender({
      outbox,
      send,
      pace: this.#paces[way],
      delayMs,
      now,
      onSent: (note) => {
        tally.sent += 1;
        if (isInTrouble) log.info({ ...where, waiting: outbox.size }, deskMessages.goesOn);
        isInTrouble = false;
        if (note !== undefined) log.warn({ ...where, reason: note }, deskMessages.sentInPart);
      },
      onFailed: (why, reason, isNews) => {
        tally.failed[why] += 1;
        isInTrouble = true;
        if (isNews) log.warn({ ...where, reason, waiting: outbox.size }, deskMessages.waits);
      },
      onGivenUp: (reason) => {
        tally.failed.refused += 1;
        tally.givenUp += 1;
        isInTrouble = false;
        log.warn({ ...where, reason }, deskMessages.givenUp);
      },
    });
    this.#places.set(placeName(way, name), { outbox, sender });
  }

  /** Queues a message; resolves when it is on disk, or can't be for now. It is not sent before `wake`. */
  async put(message: Message): Promise<void> {
    const name = message.kind === 'chat' ? placeName('mattermost', message.channel) : placeName('mail', '');
    await this.#places.get(name)?.outbox.add(message);
  }

  /** Whether something of this kind can be sent at all. */
  has(way: Way): boolean {
    return (way === 'mattermost' ? this.#options.post : this.#options.mail) !== undefined;
  }

  /** Begins to send what waits. */
  wake(): void {
    for (const { outbox, sender } of this.#places.values()) {
      outbox.release();
      sender.wake();
    }
  }

  deliveries(): Delivery[] {
    const ways: readonly Way[] = ['mattermost', 'mail'];
    return ways.filter((way) => this.has(way)).map((way) => this.#delivery(way));
  }

  #delivery(way: Way): Delivery {
    const places = [...this.#places].filter(([name]) => name.startsWith(way)).map(([, place]) => place);
    const tally = this.#tallies[way];
    const dropped = places.reduce((sum, { outbox }) => sum + outbox.dropped, 0);
    const times = places.flatMap(({ outbox }) => outbox.oldestAt ?? []);
    const troubles = places.flatMap(({ sender }) => sender.trouble ?? []);
    return {
      way,
      sent: tally.sent,
      failed: { ...tally.failed },
      lost: tally.givenUp + dropped,
      waiting: places.reduce((sum, { outbox }) => sum + outbox.size, 0),
      oldestAt: times.length === 0 ? undefined : Math.min(...times),
      trouble: troubles.toSorted((a, b) => a.since - b.since)[0],
    };
  }

  /** How many messages are in memory alone, since the disk does not take them. */
  get unwritten(): number {
    return [...this.#places.values()].reduce((sum, { outbox }) => sum + outbox.unwritten, 0);
  }

  /** Resolves when everything is sent, or can't be for now. */
  async settled(): Promise<void> {
    await Promise.all([...this.#places.values()].map(({ sender }) => sender.settled()));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#places.values()].map(({ sender }) => sender.stop()));
  }
}

function newTally(): Tally {
  return {
    sent: 0,
    failed: { unreachable: 0, limited: 0, failing: 0, declined: 0, refused: 0 },
    givenUp: 0,
  };
}

function placeName(way: Way, name: string): string {
  return `${way} ${name}`;
}

function chatTextOf(letter: Letter): string {
  if (letter.kind === 'dropped') return droppedText.chat(letter.count, letter.at, letter.until);
  return letter.text;
}

function mailOf(letter: Letter, to: readonly string[]): MailMessage {
  if (letter.kind === 'mail') return letter;
  const words =
    letter.kind === 'dropped'
      ? droppedText.mail(letter.count, letter.at, letter.until)
      : { subject: letter.text, text: letter.text };
  return { kind: 'mail', key: letter.key, at: letter.at, to: [...to], id: mailId(letter.key), ...words };
}

/** A part of a Message-ID that is the same for the same fact, and has nothing in it that a header could not. */
export function mailId(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

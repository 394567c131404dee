/**
 * What is yet to be sent to one place, in order: a file a message, so that no crash loses one. It is bounded: when it is full,
 * the oldest ones give way to one notice of how many there were. A disk that takes nothing loses nothing either, as long as the
 * process lives: what could not be written waits in memory, and is written when there is room.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { readIfThere, replaceFile } from '../state/files.ts';
import { parseStored } from '../state/json.ts';

const commonSchema = {
  /** What is queued once under a key is not queued again. */
  key: z.string(),
  /** When it came about, in milliseconds since the epoch. */
  at: z.number(),
};

const chatSchema = z.strictObject({
  ...commonSchema,
  kind: z.literal('chat'),
  channel: z.string(),
  text: z.string(),
});
export type ChatMessage = Readonly<z.infer<typeof chatSchema>>;

const mailSchema = z.strictObject({
  ...commonSchema,
  kind: z.literal('mail'),
  to: z.array(z.string()).readonly(),
  subject: z.string(),
  text: z.string(),
  /** Without angle brackets or domain: the same however often it is sent. */
  id: z.string(),
  /** The id of what it answers. */
  answers: z.string().optional(),
});
export type MailMessage = Readonly<z.infer<typeof mailSchema>>;

/** In the place of messages that had to go. */
const droppedSchema = z.strictObject({
  ...commonSchema,
  kind: z.literal('dropped'),
  count: z.int(),
  /** The newest of them, in milliseconds since the epoch. */
  until: z.number(),
});
type DroppedNotice = Readonly<z.infer<typeof droppedSchema>>;

const letterSchema = z.discriminatedUnion('kind', [chatSchema, mailSchema, droppedSchema]);
export type Message = ChatMessage | MailMessage;
export type Letter = Message | DroppedNotice;

interface Slot {
  readonly number: number;
  letter: Letter;
  isStored: boolean;
}

/** How many wait at most. */
const LIMIT = 1000;

export class Outbox {
  readonly #directory: string;
  readonly #limit: number;
  readonly #slots: Slot[] = [];
  #next = 1;
  #dropped = 0;
  /** The number of the one that is being sent, which must not change any more. */
  #taken: number | undefined;
  /** Up to this number they may be sent. */
  #released = 0;
  #writing: Promise<void> = Promise.resolve();

  /** @param directory one of its own; made when the first message comes. */
  constructor(directory: string, limit = LIMIT) {
    this.#directory = directory;
    this.#limit = limit;
  }

  /** Reads what an earlier run left; files that are damaged or were never whole are deleted. */
  async load(): Promise<void> {
    // There is no such directory at first; one that can't be read is no reason to tell nobody anything.
    const names = await readdir(this.#directory).catch((): string[] => []);
    for (const name of names.toSorted()) {
      const [, digits, rest] = /^(\d{12})\.json(.*)$/.exec(name) ?? [];
      if (digits === undefined) continue;
      const text = rest === '' ? await readIfThere(join(this.#directory, name)) : undefined;
      const letter = text === undefined ? undefined : parseStored(text, letterSchema);
      if (letter === undefined) await rm(join(this.#directory, name), { force: true });
      else this.#slots.push({ number: Number(digits), letter, isStored: true });
    }
    this.#next = (this.#slots.at(-1)?.number ?? 0) + 1;
  }

  get size(): number {
    return this.#slots.length;
  }

  /** How many this process has let go, since there were too many. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether there is one that may be sent. */
  get isReady(): boolean {
    const [first] = this.#slots;
    return first !== undefined && first.number <= this.#released;
  }

  /** When the oldest came about, in milliseconds since the epoch; undefined when none waits. */
  get oldestAt(): number | undefined {
    return this.#slots[0]?.letter.at;
  }

  /** How many are only in memory. */
  get unwritten(): number {
    return this.#slots.filter(({ isStored }) => !isStored).length;
  }

  /**
   * Queues a message, unless one with its key waits already. Resolves when it is on disk or can't be; never rejects. It is not
   * sent before `release`.
   */
  async add(message: Message): Promise<void> {
    if (this.#slots.some(({ letter }) => letter.key === message.key)) return;
    const changed = this.#makeRoom();
    const slot = { number: this.#next, letter: message, isStored: false };
    this.#next += 1;
    this.#slots.push(slot);
    await this.#inTurn(async () => {
      for (const number of changed.gone) await this.#erase(number);
      await this.#storeAll();
    });
  }

  /** Lets everything go out that is queued now: whoever queued it will not do so again. */
  release(): void {
    this.#released = this.#next - 1;
  }

  /** The one to send next; it stays where it is until `done`. */
  take(): Letter | undefined {
    const first = this.isReady ? this.#slots[0] : undefined;
    this.#taken = first?.number;
    return first?.letter;
  }

  /** The one that was taken needs no more sending. */
  async done(): Promise<void> {
    const [first] = this.#slots;
    if (first === undefined || first.number !== this.#taken) return;
    this.#slots.shift();
    this.#taken = undefined;
    await this.#inTurn(async () => {
      await this.#erase(first.number);
      await this.#storeAll();
    });
  }

  /** Lets the oldest go until there is room for one more, and leaves a notice of them. */
  #makeRoom(): { readonly gone: readonly number[] } {
    const gone: number[] = [];
    while (this.#slots.length >= this.#limit) {
      const place = this.#slots[0]?.number === this.#taken ? 1 : 0;
      const [first, second] = this.#slots.slice(place);
      if (first === undefined || second === undefined) break;
      const isNotice = first.letter.kind === 'dropped';
      const notice = first.letter.kind === 'dropped' ? first.letter : noticeOf(first.letter, first.number);
      first.letter = { ...notice, count: notice.count + 1, until: second.letter.at };
      first.isStored = false;
      this.#slots.splice(place + 1, 1);
      this.#dropped += first.letter.count - (isNotice ? notice.count : 0);
      gone.push(second.number);
    }
    return { gone };
  }

  async #storeAll(): Promise<void> {
    for (const slot of [...this.#slots]) {
      if (slot.isStored) continue;
      const { letter } = slot;
      try {
        await mkdir(this.#directory, { recursive: true, mode: 0o700 });
        await replaceFile(this.#file(slot.number), JSON.stringify(letter));
        // It may have gone, or become a notice, meanwhile.
        if (!this.#slots.includes(slot)) await this.#erase(slot.number);
        else if (slot.letter === letter) slot.isStored = true;
      } catch {
        return;
      }
    }
  }

  async #erase(number: number): Promise<void> {
    await rm(this.#file(number), { force: true }).catch(() => {});
  }

  #file(number: number): string {
    return join(this.#directory, `${String(number).padStart(12, '0')}.json`);
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    this.#writing = this.#writing.then(work);
    await this.#writing;
  }
}

function noticeOf({ at }: Letter, number: number): DroppedNotice {
  return { kind: 'dropped', key: `dropped ${number} ${at}`, at, count: 1, until: at };
}

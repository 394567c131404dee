/**
 * Who may end the command, and how: a signal is passed on to it, time that runs out ends it with SIGTERM, and whoever does
 * not listen loses the container. Until the command runs there is nothing to pass a signal on to: then it ends the preparations.
 */
import type { Running } from '../lxd/index.ts';
import { isEnding, numberOf, type PassedSignal } from './orders.ts';
import type { Ended } from './outcome.ts';

/** How long a command may take to end after it was told to, in milliseconds. */
const GRACE_MILLISECONDS = { signal: 10_000, timeout: 5_000 };

/** The order to end came before the command ran. */
export class Interrupted extends Error {}

export class Reins {
  #ended: Ended = { kind: 'by-itself' };
  #running: Running | undefined;
  #grace: NodeJS.Timeout | undefined;
  readonly #stop = Promise.withResolvers<void>();

  get ended(): Ended {
    return this.#ended;
  }

  /** Settles when the container is to be stopped, whatever the command does. */
  get stopped(): Promise<void> {
    return this.#stop.promise;
  }

  /** From now on signals go to this command. */
  take(running: Running): void {
    this.#running = running;
    if (this.#ended.kind === 'signal') running.signal(this.#ended.number);
  }

  signal(signal: PassedSignal): void {
    const number = numberOf(signal);
    this.#running?.signal(number);
    if (!isEnding(signal)) return;
    if (this.#ended.kind === 'by-itself') this.#end({ kind: 'signal', number }, GRACE_MILLISECONDS.signal);
    else this.#stop.resolve();
  }

  timeOut(): void {
    if (this.#ended.kind !== 'by-itself') return;
    this.#running?.signal(numberOf('SIGTERM'));
    this.#end({ kind: 'timeout' }, GRACE_MILLISECONDS.timeout);
  }

  /** Nobody waits for the command any more: there is no reason to be patient with it. */
  letGo(): void {
    if (this.#ended.kind === 'by-itself') this.#end({ kind: 'signal', number: numberOf('SIGHUP') }, 0);
    this.#stop.resolve();
  }

  /** Throws `Interrupted` when the preparations are to end. */
  check(): void {
    if (this.#ended.kind !== 'by-itself') throw new Interrupted();
  }

  /** The command is over: no timer may keep this process. */
  drop(): void {
    clearTimeout(this.#grace);
  }

  #end(ended: Ended, milliseconds: number): void {
    this.#ended = ended;
    this.#grace = setTimeout(() => this.#stop.resolve(), milliseconds);
  }
}

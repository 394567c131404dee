/** A container that is being worked in: its scripts write into the log, and a script that fails is a `StepFailed`. */
import type { BuildLog } from './build-log.ts';
import { bootedScript, hasAptScript } from './guest-scripts.ts';
import { makingWords } from './messages.ts';
import type { Order, Store } from './store.ts';

/** A step of making an image did not come to a good end; the message reads on after the name of the image. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

/** No step of a recipe takes longer; a download or a command that hangs must not hang the timer for ever. */
const limitSeconds = 2 * 3600;
const addressSeconds = 60;

export interface Script {
  /** What it is for, as words for "… failed". */
  readonly title: string;
  readonly script: string;
  readonly input?: Uint8Array;
}

export interface Workplace {
  readonly store: Store;
  readonly log: BuildLog;
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string>>;
}

const always = {
  DEBIAN_FRONTEND: 'noninteractive',
  HOME: '/root',
  LANG: 'C.UTF-8',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
};

export class Guest {
  readonly name: string;
  readonly #place: Workplace;

  constructor(name: string, place: Workplace) {
    this.name = name;
    this.#place = place;
  }

  /** Gives what it printed; throws StepFailed when it fails or takes too long. */
  async run({ title, script, input }: Script): Promise<string> {
    const { store, log, signal, environment } = this.#place;
    log.write(`\n==> ${title}\n`);
    let printed = '';
    const order: Order = {
      script: `set -e\n${script}`,
      environment: { ...always, ...environment },
      write: (text) => {
        printed += text;
        log.write(text);
      },
      limitSeconds,
      signal,
      ...(input !== undefined && { input }),
    };
    const end = await store.run(this.name, order);
    signal.throwIfAborted();
    if (end.kind === 'timeout') throw new StepFailed(makingWords.tookTooLong(title, limitSeconds));
    if (end.code !== 0) throw new StepFailed(makingWords.failed(title, end.code));
    return printed;
  }

  /** Waits for systemd, where the image has it; gives the units that failed to start. */
  async booted(): Promise<readonly string[]> {
    const [state = '', ...failed] = (await this.run({ title: makingWords.booting, script: bootedScript }))
      .split('\n')
      .filter((line) => line !== '');
    if (!['running', 'degraded', 'other'].includes(state))
      throw new StepFailed(makingWords.notBooted(state, failed));
    return failed;
  }

  async hasApt(): Promise<boolean> {
    return (await this.run({ title: makingWords.lookingForApt, script: hasAptScript })).trim() === 'yes';
  }

  /** Waits until others can reach the container. */
  async connected(): Promise<string> {
    const { store, signal } = this.#place;
    const end = performance.now() + addressSeconds * 1000;
    for (;;) {
      signal.throwIfAborted();
      const address = await store.addressOf(this.name);
      if (address !== undefined) return address;
      if (performance.now() > end) throw new StepFailed(makingWords.noAddress(addressSeconds));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

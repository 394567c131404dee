/** Since when something is shown as it is: to the tick, since it is asked with every tick. */
import { statusTime } from './status.ts';

export class Since {
  readonly #known = new Map<string, { readonly shown: string; readonly since: string }>();

  /** The time at which what is under that name came to be shown like this. */
  of(name: string, shown: string, now: Date): string {
    const known = this.#known.get(name);
    if (known?.shown === shown) return known.since;
    const since = statusTime(now);
    this.#known.set(name, { shown, since });
    return since;
  }
}

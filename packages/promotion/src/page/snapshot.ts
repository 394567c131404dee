/**
 * What the page shows at the moment, part by part, each with the version at which it last changed: so that whoever shows
 * an older version can be told what is new, and nothing else, however long they have been away.
 */
import { randomUUID } from 'node:crypto';
import { type Part, partsOf } from './document.ts';
import { markup } from './html.ts';
import type { LiveMessage, PartChange } from './live-message.ts';
import { pageMessages as messages } from './messages.ts';
import type { PageView } from './view.ts';

interface Kept {
  readonly key: string;
  /** Undefined for a part that is gone. */
  readonly change: PartChange | undefined;
  readonly changedIn: number;
}

/** How many parts that are gone are remembered; beyond that a new epoch begins. */
const GONE = 2000;

export class Snapshot {
  epoch: string = randomUUID();
  version = 0;
  readonly #parts = new Map<string, Kept>();
  #title = { text: '', icon: '', changedIn: 0 };
  #gone = 0;

  /** Takes over what is to be seen now; whether anything of it is new. */
  update(view: PageView): boolean {
    const next = this.version + 1;
    let changed = false;
    const parts = partsOf(view);
    const present = new Set(parts.map((part) => part.id));
    for (const part of parts) {
      if (this.#parts.get(part.id)?.key === part.key) continue;
      this.#parts.set(part.id, { key: part.key, change: changeOf(part), changedIn: next });
      changed = true;
    }
    for (const [id, { change }] of this.#parts) {
      if (present.has(id) || change === undefined) continue;
      this.#parts.set(id, { key: '', change: undefined, changedIn: next });
      this.#gone += 1;
      changed = true;
    }
    const text = `${view.headline.title} · ${messages.title}`;
    const icon = `./icon.svg?tone=${view.headline.tone}`;
    if (text !== this.#title.text || icon !== this.#title.icon) {
      this.#title = { text, icon, changedIn: next };
      changed = true;
    }
    if (changed) this.version = next;
    if (this.#gone > GONE) this.#beginAnew();
    return changed;
  }

  /** Markup of a part, as it was when it last changed. */
  made(part: Part): string {
    const kept = this.#parts.get(part.id);
    return kept?.key === part.key && kept.change !== undefined ? kept.change.html : markup(part.html());
  }

  /** What is new since this version of this epoch; everything, if that is not known. */
  since(epoch: string, version: number, at: number, assets: string): LiveMessage {
    const from = epoch === this.epoch && version <= this.version ? version : 0;
    const parts: Record<string, PartChange | null> = {};
    for (const [id, { change, changedIn }] of this.#parts) if (changedIn > from) parts[id] = change ?? null;
    const { text, icon, changedIn } = this.#title;
    const title = changedIn > from ? { title: text, icon } : {};
    return { epoch: this.epoch, version: this.version, at, assets, ...title, parts };
  }

  #beginAnew(): void {
    this.epoch = randomUUID();
    this.#gone = 0;
    for (const [id, { change }] of this.#parts) if (change === undefined) this.#parts.delete(id);
  }
}

function changeOf({ list, html }: Part): PartChange {
  return { ...(list === undefined ? {} : { list }), html: markup(html()) };
}

/** The small parts that the page is put together from: times, commits, states. */
import { moment } from '../words.ts';
import { type Html, html } from './html.ts';
import { toneIcon } from './icons.ts';
import { pageMessages as messages } from './messages.ts';
import type { CommitView, Tone } from './view.ts';

/** Text from elsewhere, which may be in any script and in any direction. */
export function foreign(text: string): Html {
  return html`<bdi>${text}</bdi>`;
}

/** A moment, absolute and relative; the page's script keeps the relative part true. */
export function time(at: number, now: number): Html {
  return html`<time datetime="${iso(at)}">${moment(at, now)}<span class="ago"> · ${messages.ago(now - at)}</span></time>`;
}

function iso(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString() : '';
}

/** A commit in two lines: what it is, and whose and when. */
export function commit(view: CommitView, now: number): Html {
  const { short, subject, author, at } = view;
  const by =
    author === undefined || at === undefined
      ? ''
      : html`<span class="by">${foreign(author)}, ${time(at, now)}</span>`;
  return html`<span class="commit"><code>${short}</code> <span class="subject">${subject === undefined ? messages.unknownCommit : foreign(subject)}</span></span>${by}`;
}

export function pairName({ from, to }: Named): Html {
  return html`${foreign(from.branch)} <span class="into"><span class="unseen">${messages.to}</span><svg class="icon" aria-hidden="true" focusable="false"><use href="#i-arrow"/></svg></span> ${foreign(to.branch)}`;
}

interface Named {
  readonly from: { readonly branch: string };
  readonly to: { readonly branch: string };
}

/** A state: its icon and its word, in its colour. */
export function pill(tone: Tone, word: string): Html {
  return html`<span class="pill">${toneIcon(tone)} ${word}</span>`;
}

/** Many pairs, a line each, those that need somebody first; the rest of what is known of one is behind its link. */
import type { Placed } from './card.ts';
import { type Html, html } from './html.ts';
import { toneName } from './messages.ts';
import { foreign } from './pieces.ts';
import type { PairView } from './view.ts';

export function rowId(pair: PairView): string {
  return `row.${pair.anchor}`;
}

/** @param filter what the reader looks for; a row without it is there, and hidden. */
export function row(pair: PairView, { index, rank }: Placed, filter: string): Html {
  const { project, tone, word, text, anchor, from, to } = pair;
  // Hundreds of drawings are what makes a page slow: here the word says it all.
  const names = html`${foreign(from.branch)} → ${foreign(to.branch)}`;
  return html`<li id="${rowId(pair)}" data-rank="${rank}" data-index="${index}" data-words="${words(pair)}" class="${matches(pair, filter) ? '' : 'filtered'}"><div class="row tone-${tone}"><span class="pill">${word}</span><a href="./?${new URLSearchParams({ pair: anchor }).toString()}"><span class="project">${foreign(project)}</span> ${names}</a><span class="text">${foreign(text)}</span></div></li>`;
}

/** Every word of the filter is somewhere in the pair's names and state. */
export function matches(pair: PairView, filter: string): boolean {
  const all = words(pair);
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

function words({ project, from, to, word, tone }: PairView): string {
  return `${project} ${from.branch} ${to.branch} ${word} ${toneName[tone]}`.toLowerCase();
}

/** A branch pair in full: why it is as it is, its two tips, its builders, its last moves, and what may be done about it. */
import { type Html, html, nothing } from './html.ts';
import { icon, stateIcon } from './icons.ts';
import { builderStateText, pageMessages as messages } from './messages.ts';
import { commit, foreign, pairName, pill, time } from './pieces.ts';
import type { BuilderView, PairView, TipView } from './view.ts';

/** How many files of a conflict are listed. */
const FILES = 12;

export interface Placed {
  readonly now: number;
  /** Which place the pair has in the pipeline files; among pairs of one tone, that is their order. */
  readonly index: number;
  readonly rank: number;
}

export function card(pair: PairView, { now, index, rank }: Placed): Html {
  const { anchor } = pair;
  return html`<article class="pair tone-${pair.tone}" id="${anchor}" data-rank="${rank}" data-index="${index}" aria-labelledby="${anchor}-name">
<header><h3 id="${anchor}-name">${pairName(pair)}</h3>${pill(pair.tone, pair.word)}</header>
${because(pair)}${notes(pair, now)}
<ol class="tips">
${tip(pair.from, now)}
<li class="between">${between(pair)}</li>
${tip(pair.to, now)}
</ol>
${next(pair, now)}${builders(pair, now)}${moves(pair, now)}${verbs(pair)}
</article>`;
}

function because({ why, unblock, conflict, tone }: PairView): Html {
  const lines = why.map((line) => html`<p>${foreign(line)}</p>`);
  const rest = conflict.length - FILES;
  const files =
    conflict.length === 0
      ? nothing
      : html`<h4>${messages.conflict(conflict.length)}</h4><ul class="files">${conflict
          .slice(0, FILES)
          .map(
            (file) => html`<li><code>${foreign(file)}</code></li>`,
          )}${rest > 0 && html`<li>${messages.moreFiles(rest)}</li>`}</ul>`;
  const help =
    tone === 'fresh' ? nothing : html`<p class="unblock"><b>${messages.unblock}</b> ${foreign(unblock)}</p>`;
  return html`<div class="why">${lines}${files}${help}</div>`;
}

function notes({ hold, testfix }: PairView, now: number): Html {
  const held =
    hold &&
    html`<p class="note tone-held">${icon('pause')} <span><b>${messages.held(hold.who)}</b> ${time(hold.since, now)}: ${foreign(hold.why)}</span></p>`;
  const fix =
    testfix.length > 0 &&
    html`<p class="note tone-waiting">${icon('alert')} <span>${messages.testfix(testfix)}</span></p>`;
  return html`${held}${fix}`;
}

function tip({ branch, commit: at }: TipView, now: number): Html {
  const what = at === undefined ? html`<span class="none">${messages.noTip}</span>` : commit(at, now);
  return html`<li class="tip"><b class="branch">${foreign(branch)}</b>${what}</li>`;
}

function between({ waiting, kind }: PairView): string | undefined {
  return messages.waits(waiting, kind);
}

function next({ candidate }: PairView, now: number): Html {
  return candidate === undefined
    ? nothing
    : html`<div class="next"><h4>${messages.candidate}</h4><p>${commit(candidate, now)}</p></div>`;
}

function builders({ builders: all, candidate, from }: PairView, now: number): Html {
  if (all.length === 0) return nothing;
  const on = candidate ?? from.commit;
  return html`<div class="required"><h4>${messages.builders(on?.short)}</h4><ul class="builders">${all.map((one) => builder(one, now))}</ul></div>`;
}

function builder(view: BuilderView, now: number): Html {
  const { builder: name, state, result, number, url, startedAt, finishedAt } = view;
  const text = number === undefined ? html`${name}` : html`${name} #${number}`;
  const named = url === undefined ? text : html`<a href="${url}">${text}</a>`;
  const at = finishedAt ?? startedAt;
  const when = at === undefined ? nothing : html`<span class="by">${time(at, now)}</span>`;
  return html`<li class="state-${state}">${stateIcon(state)} <span>${named} ${builderStateText(state, result)}</span>${when}</li>`;
}

function moves({ moves: all, anchor }: PairView, now: number): Html {
  const [last] = all;
  if (last === undefined) return nothing;
  const items = all.map(
    (move) =>
      html`<li>${commit(move.commit, now)}<span class="by">${time(move.at, now)}: ${foreign(move.reason)}</span></li>`,
  );
  return html`<details id="${anchor}-moves"><summary>${messages.moves} <span class="by">${time(last.at, now)}</span></summary><ol class="moves">${items}</ol></details>`;
}

function verbs({ verbs: all, kind, id, from, to }: PairView): Html {
  const links = all.map((verb) => {
    const query = new URLSearchParams({ verb, pair: id }).toString();
    return html`<a class="button" href="./act?${query}">${messages.verb(verb, kind)}<span class="unseen"> ${from.branch} ${messages.to} ${to.branch}</span>…</a>`;
  });
  return html`<footer>${links}</footer>`;
}

/** The page as a whole, and the parts of it that change by themselves. */
import { moment } from '../words.ts';
import { card } from './card.ts';
import { flowDrawings } from './flow-svg.ts';
import { type Html, html, markup, nothing } from './html.ts';
import { icon, iconSheet, toneIcon } from './icons.ts';
import { pageMessages as messages, toneName } from './messages.ts';
import { foreign } from './pieces.ts';
import { matches, row, rowId } from './rows.ts';
import { timelineHtml } from './timeline-html.ts';
import { type PageView, type PairView, type Tone, tones } from './view.ts';

/** So many pairs are shown in full; more of them a line each. */
const CARDS = 24;
/** Of more than that, so many of those that need somebody are shown in full too. */
const ATTENTION = 6;

/** A part of the page that is replaced by itself; its element has the id. */
export interface Part {
  readonly id: string;
  /** The list whose item it is: it comes and goes with what it shows. */
  readonly list: 'cards' | 'rows' | undefined;
  /** As long as this is the same, so is what people see. */
  readonly key: string;
  readonly html: () => Html;
}

export function partsOf(view: PageView): Part[] {
  const { headline, counts, buildbot, mode, at, projects, timeline, pairs } = view;
  const several = projects.length > 1;
  return [
    part('headline', { headline, counts: several ? counts : 0 }, () => headlineHtml(view)),
    part('banners', { problem: buildbot.problem, mode }, () => banners(view)),
    ...(isLong(view)
      ? []
      : projects.flatMap(({ anchor, flow, project }) =>
          flow === undefined
            ? []
            : [part(`flow.${anchor}`, flow, () => flowHtml(`flow.${anchor}`, project, flow))],
        )),
    ...cardsOf(view).map((pair) => ({
      ...part(pair.anchor, pair, () => card(pair, placed(view, pair))),
      list: 'cards' as const,
    })),
    ...(isLong(view) ? pairs : []).map((pair) => ({
      ...part(rowId(pair), [pair.tone, pair.word, pair.text], () => row(pair, placed(view, pair), '')),
      list: 'rows' as const,
    })),
    part('timeline', timeline, () => timelineHtml(timeline, at)),
  ];
}

function part(id: string, shown: object, make: () => Html): Part {
  return { id, list: undefined, key: JSON.stringify(shown), html: make };
}

function isLong(view: PageView): boolean {
  return view.pairs.length > CARDS;
}

/** The pairs that are shown in full. */
function cardsOf(view: PageView): readonly PairView[] {
  if (!isLong(view)) return view.pairs;
  return view.pairs.filter((pair) => pair.tone === 'broken' || pair.tone === 'held').slice(0, ATTENTION);
}

function placed(view: PageView, pair: PairView) {
  return { now: view.at, index: view.order.get(pair.id) ?? 0, rank: tones.indexOf(pair.tone) };
}

export interface Frame {
  /** Which state of the page this is, for the stream to go on from. */
  readonly epoch: string;
  readonly version: number;
  /** The version of script and style sheet. */
  readonly assets: string;
  /** Markup of each part by its id, as far as it has been made already. */
  readonly made: (part: Part) => string;
  readonly filter: string;
  /** Shows this pair alone. */
  readonly only: string | undefined;
  readonly now: number;
}

/** The whole page. `undefined` when the pair that it shall show is not there. */
export function page(view: PageView, frame: Frame): string | undefined {
  const parts = partsOf(view);
  const made = (id: string) =>
    parts
      .filter((each) => each.id === id)
      .map(frame.made)
      .join('');
  let main: string;
  if (frame.only === undefined) {
    const list = (name: Part['list']) => parts.filter((each) => each.list === name);
    const flows = parts.filter((each) => each.id.startsWith('flow.')).map(frame.made);
    main = [
      made('headline'),
      made('banners'),
      flows.join(''),
      pairsSection(view, frame, list('cards'), list('rows')),
      made('timeline'),
    ].join('');
  } else {
    const pair = view.pairs.find((each) => each.anchor === frame.only);
    if (pair === undefined) return undefined;
    main = onePair(view, pair, made('banners'));
  }
  return freshened(livingShell(view, frame, main), frame.now);
}

/** A page that does not change by itself. */
export function plainPage(title: string, main: Html, assets: string): string {
  return shell(
    { title, tone: 'unknown', assets, live: nothing, data: html`<body>`, links: nothing },
    markup(main),
  );
}

interface Shell {
  readonly title: string;
  readonly tone: Tone;
  readonly assets: string;
  readonly live: Html;
  /** The tag that begins the body. */
  readonly data: Html;
  readonly links: Html;
}

function livingShell({ headline, buildbot }: PageView, frame: Frame, main: string): string {
  const { epoch, version, assets, only, now } = frame;
  const at = new Date(now).toISOString();
  const live = html`<p id="live" class="live" data-live="${messages.live}" data-lost="${messages.connecting}"><span class="dot"></span><span class="unseen">${messages.asOf} </span><time datetime="${at}" class="clock">${moment(now, now)}</time></p>`;
  const data = html`<body data-epoch="${epoch}" data-version="${version}" data-assets="${assets}" data-only="${only ?? ''}">`;
  const links = html`<nav aria-label="${messages.elsewhere}"><a href="${buildbot.url}">${messages.buildbot}</a></nav>`;
  return shell({ title: headline.title, tone: headline.tone, assets, live, data, links }, main);
}

function shell({ title, tone, assets, live, data, links }: Shell, main: string): string {
  // Without anything live on it, a page needs no script.
  const script = live === nothing ? nothing : html`<script src="./page.js?v=${assets}" defer></script>`;
  const head = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${title} · ${messages.title}</title><link rel="icon" id="icon" href="./icon.svg?tone=${tone}"><link rel="stylesheet" href="./page.css?v=${assets}">${script}</head>
`;
  const top = html`${iconSheet}<a class="skip" href="#pairs">${messages.skip}</a>
<header class="top"><p class="brand"><a href="./"><svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M4 18h5l6-12h5M16 2l4 4-4 4"/></svg>${messages.title}</a></p>${live}${links}</header>
`;
  const note = live === nothing ? nothing : html`<noscript><p>${messages.needsScript}</p></noscript>`;
  const end = html`<footer class="end"><p>${messages.footer} · <a href="./api/state">${messages.json}</a> · <a href="./api/status.txt">${messages.text}</a> · <a href="./metrics">${messages.metrics}</a></p>${note}</footer></body></html>
`;
  return `${markup(head)}${markup(data)}${markup(top)}<main id="main">${main}</main>${markup(end)}`;
}

function headlineHtml({ headline, counts, projects, pairs }: PageView): Html {
  const { tone, title, sentences } = headline;
  const chips =
    projects.length > 1 || pairs.length > CARDS
      ? html`<ul class="counts">${tones
          .filter((each) => counts[each] > 0)
          .map(
            (each) =>
              html`<li class="tone-${each}"><a href="./?${new URLSearchParams({ q: toneName[each] }).toString()}#pairs">${toneIcon(each)} <b>${counts[each]}</b> ${toneName[each]}</a></li>`,
          )}</ul>`
      : nothing;
  return html`<section id="headline" class="headline tone-${tone}" aria-live="polite" aria-labelledby="headline-name">${toneIcon(tone)}<div><h1 id="headline-name">${title}</h1>${sentences.map(({ name, text }) => html`<p><b>${foreign(name)}</b>${foreign(text)}</p>`)}${chips}</div></section>`;
}

function banners({ buildbot, mode }: PageView): Html {
  const problem =
    buildbot.problem !== undefined &&
    html`<p class="note tone-unknown">${icon('question')} <span>${messages.buildbotProblem(buildbot.problem)}</span></p>`;
  const shadow =
    mode === 'shadow' && html`<p class="note tone-held">${icon('pause')} <span>${messages.shadow}</span></p>`;
  return html`<div id="banners" role="status">${shadow}${problem}</div>`;
}

function flowHtml(id: string, project: string, flow: Parameters<typeof flowDrawings>[0]): Html {
  return html`<section id="${id}" class="flows" aria-labelledby="${id}-name"><h2 id="${id}-name">${messages.flow(project)}</h2><p class="hint">${messages.flowHint}</p><div class="canvas">${flowDrawings(flow, project)}</div></section>`;
}

function pairsSection(view: PageView, frame: Frame, cards: readonly Part[], rows: readonly Part[]): string {
  const { filter } = frame;
  const wanted = view.pairs.filter((pair) => matches(pair, filter));
  const listed =
    filter === ''
      ? rows.map(frame.made)
      : view.pairs.map((pair) => markup(row(pair, placed(view, pair), filter)));
  const full = `<div id="cards" class="cards">${cards.map(frame.made).join('')}</div>`;
  if (!isLong(view))
    return `${markup(html`<section id="pairs" aria-labelledby="pairs-name"><h2 id="pairs-name">${messages.pairs}</h2>`)}${full}</section>`;
  const search = html`<form class="filter" role="search" action="./#pairs"><label for="filter">${messages.filter}</label><input id="filter" name="q" type="search" value="${filter}" placeholder="${messages.filterHint}" autocomplete="off"><button>${messages.filterApply}</button><output id="shown" for="filter" data-all="${view.pairs.length}" data-of="${messages.of}">${messages.shownOf(wanted.length, view.pairs.length)}</output></form>`;
  return [
    markup(
      html`<section id="attention" aria-labelledby="attention-name"><h2 id="attention-name">${messages.attention}</h2>`,
    ),
    full,
    markup(
      html`</section><section id="pairs" aria-labelledby="pairs-name"><h2 id="pairs-name">${messages.allPairs}</h2>${search}`,
    ),
    `<ol id="rows" class="rows">${listed.join('')}</ol></section>`,
  ].join('');
}

function onePair(view: PageView, pair: PairView, banner: string): string {
  const project = view.projects.find((each) => each.project === pair.project);
  const flow =
    project?.flow === undefined ? nothing : flowHtml(`flow.${project.anchor}`, project.project, project.flow);
  return `${banner}${markup(html`<h1 class="alone">${pair.project}</h1>${flow}<section id="pairs" aria-labelledby="pairs-name"><h2 id="pairs-name">${messages.pair}</h2><div id="cards" class="cards">${card(pair, placed(view, pair))}</div><p><a href="./">${messages.backToAll}</a></p></section>`)}`;
}

/** Puts the times of markup that was made a while ago right. */
function freshened(text: string, now: number): string {
  return text.replace(/<time datetime="([^"]+)">[^<]*<span class="ago">[^<]*/g, (_all, datetime: string) => {
    const at = Date.parse(datetime);
    return `<time datetime="${datetime}">${moment(at, now)}<span class="ago"> · ${messages.ago(now - at)}`;
  });
}

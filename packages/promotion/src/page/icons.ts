/** The page's few icons, drawn once on each page and referred to. A state is never told by its colour alone. */
import { type Html, html } from './html.ts';
import type { BuilderState, Tone } from './view.ts';

export type IconName =
  | 'check'
  | 'cross'
  | 'alert'
  | 'pause'
  | 'question'
  | 'clock'
  | 'turn'
  | 'ring'
  | 'dash'
  | 'arrow';

const sheet = html`<svg width="0" height="0" class="sheet" aria-hidden="true" focusable="false">
<symbol id="i-check" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" class="disc"/><path d="M4.6 8.3l2.3 2.3 4.5-4.9" class="stroke"/></symbol>
<symbol id="i-cross" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" class="disc"/><path d="M5.3 5.3l5.4 5.4m0-5.4l-5.4 5.4" class="stroke"/></symbol>
<symbol id="i-alert" viewBox="0 0 16 16"><path d="M8 1.2l7.2 13H.8z" class="disc" stroke-linejoin="round"/><path d="M8 5.8v3.6m0 2v.4" class="stroke"/></symbol>
<symbol id="i-pause" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" class="disc"/><path d="M6.2 5.2v5.6m3.6-5.6v5.6" class="stroke"/></symbol>
<symbol id="i-question" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" class="disc"/><path d="M6 6.3c0-2.6 4-2.6 4 0 0 1.5-2 1.6-2 3m0 2v.3" class="stroke"/></symbol>
<symbol id="i-clock" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" class="disc"/><path d="M8 4.4V8l2.6 1.7" class="stroke"/></symbol>
<symbol id="i-turn" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" class="track"/><path d="M8 2a6 6 0 0 1 6 6" class="arc"/></symbol>
<symbol id="i-ring" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" class="track"/></symbol>
<symbol id="i-dash" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" class="disc"/><path d="M5 8h6" class="stroke"/></symbol>
<symbol id="i-arrow" viewBox="0 0 16 16"><path d="M2 8h11M9 4l4 4-4 4" class="line"/></symbol>
</svg>`;

export const iconSheet: Html = sheet;

export function icon(name: IconName): Html {
  return html`<svg class="icon i-${name}" aria-hidden="true" focusable="false"><use href="#i-${name}"/></svg>`;
}

const toneIcons: Readonly<Record<Tone, IconName>> = {
  broken: 'alert',
  held: 'pause',
  unknown: 'question',
  waiting: 'clock',
  busy: 'turn',
  calm: 'clock',
  fresh: 'check',
};

export function toneIcon(tone: Tone): Html {
  return icon(toneIcons[tone]);
}

const stateIcons: Readonly<Record<BuilderState, IconName>> = {
  green: 'check',
  red: 'cross',
  neither: 'dash',
  running: 'turn',
  queued: 'clock',
  'not-built': 'ring',
};

export function stateIcon(state: BuilderState): Html {
  return icon(stateIcons[state]);
}

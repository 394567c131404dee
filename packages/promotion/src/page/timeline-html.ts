/** The timeline: lanes of builds and moves along one line of time, and what the audit log says in words. */
import { moment } from '../words.ts';
import { type Html, html } from './html.ts';
import { toneIcon } from './icons.ts';
import { builderStateText, pageMessages as messages } from './messages.ts';
import { foreign, pairName, time } from './pieces.ts';
import type { LaneView, MarkView, PairLabel, TimelineView } from './timeline.ts';

export function timelineHtml({ begin, end, lanes, events }: TimelineView, now: number): Html {
  const what =
    lanes.length === 0
      ? html`<p class="none">${messages.nothingYet}</p>`
      : html`<p class="hint">${messages.timelineHint}</p><div class="lanes"><ul>${lanes.map(lane)}</ul><p class="axis" aria-hidden="true"><span>${moment(begin, now)}</span><span>${moment((begin + end) / 2, now)}</span><span>${messages.running}</span></p></div>`;
  const log =
    events.length === 0
      ? html``
      : html`<h3>${messages.recent}</h3><ol class="events">${events.map(
          (event) =>
            html`<li class="tone-${event.tone}">${toneIcon(event.tone)}<span class="when">${time(event.at, now)}</span><span class="what">${event.pair && label(event.pair)} ${foreign(event.text)}</span></li>`,
        )}</ol>`;
  return html`<section id="timeline" aria-labelledby="timeline-name"><h2 id="timeline-name">${messages.timeline}</h2>${what}${log}</section>`;
}

function label({ anchor, project, from, to }: PairLabel): Html {
  const name = pairName({ from: { branch: from }, to: { branch: to } });
  return html`<a href="#${anchor}">${project !== '' && html`${foreign(project)}: `}${name}</a>`;
}

function lane({ name, kind, marks }: LaneView): Html {
  // The drawing goes from left to right, and so does whoever hears it or tabs through it.
  const inOrder = marks.toReversed();
  return html`<li class="lane ${kind}"><span class="name">${foreign(name)}</span><svg width="100%" height="22" role="group" aria-label="${name}"><line x1="0" x2="100%" y1="11" y2="11"/>${inOrder.map(mark)}</svg></li>`;
}

function mark({ state, start, length, name, url }: MarkView): Html {
  if (state === 'moved') {
    return html`<svg x="${start}%" y="11" overflow="visible" class="moved" role="img" aria-label="${name}"><title>${name}</title><path d="M0 -7l7 7l-7 7l-7 -7z"/></svg>`;
  }
  const text = `${name} ${builderStateText(state, undefined)}`;
  const bar = html`<title>${text}</title><rect x="${start}%" y="4" width="${length}%" height="14" rx="2"/>`;
  return url === undefined
    ? html`<g class="state-${state}" role="img" aria-label="${text}">${bar}</g>`
    : html`<a class="state-${state}" href="${url}" aria-label="${text}">${bar}</a>`;
}

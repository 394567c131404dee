/** Recent builds and moves, laid out along one line of time. Pure. */
import { colour, type KnownBuild } from '../buildbot/build-store.ts';
import type { AuditEntry } from '../state/audit.ts';
import { eventText } from './messages.ts';
import type { BuilderState, Tone } from './view.ts';

/** A build or a move, placed between the ends of the line: 0 is its beginning and 100 its end. */
export interface MarkView {
  readonly state: BuilderState | 'moved';
  readonly start: number;
  readonly length: number;
  /** What it is, for whoever points at it. */
  readonly name: string;
  readonly url: string | undefined;
}

export interface LaneView {
  readonly name: string;
  readonly kind: 'builder' | 'branch';
  readonly marks: readonly MarkView[];
}

interface EventView {
  readonly at: number;
  readonly tone: Tone;
  /** The pair it is about, if it is still there. */
  readonly pair: PairLabel | undefined;
  readonly text: string;
}

/** What a pair is called where others stand beside it. */
export interface PairLabel {
  readonly anchor: string;
  /** Empty when there is only one. */
  readonly project: string;
  readonly from: string;
  readonly to: string;
}

export interface TimelineView {
  readonly begin: number;
  readonly end: number;
  readonly lanes: readonly LaneView[];
  /** What the audit log says, newest first. */
  readonly events: readonly EventView[];
}

export interface TimelineSources {
  readonly now: number;
  /** Those of the pairs' builders, newest first. */
  readonly builds: readonly KnownBuild[];
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  readonly buildUrl: (builder: string, number: number) => string | undefined;
  readonly label: (pair: string) => PairLabel | undefined;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SPANS = [
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  24 * HOUR,
  72 * HOUR,
  168 * HOUR,
];
const EVENTS = 20;
/** Of each kind; those with the newest marks. */
const LANES = 6;
/** A bar that is shorter is not seen. */
const SHORTEST = 0.5;
/** So many of the last things decide how far back the line goes. */
const ENOUGH = 24;

export function timelineView(sources: TimelineSources): TimelineView {
  const { now, builds, entries } = sources;
  // A whole minute, so that the drawing is the same for that long.
  const end = Math.ceil(now / MINUTE) * MINUTE;
  const moves = entries.filter((entry) => entry.event === 'moved' || entry.event === 'merged');
  const times = [
    ...builds.map((build) => build.startedAt * 1000),
    ...moves.map((move) => Date.parse(move.at)),
  ];
  const oldest =
    times
      .toSorted((a, b) => b - a)
      .slice(0, ENOUGH)
      .at(-1) ?? end;
  const begin = end - (SPANS.find((span) => end - oldest <= span) ?? 168 * HOUR);
  const place = (time: number) => round((100 * (time - begin)) / (end - begin));
  const lanes = new Map<string, LaneView & { readonly marks: MarkView[] }>();
  const lane = (kind: LaneView['kind'], name: string) => {
    const known = lanes.get(`${kind} ${name}`) ?? { kind, name, marks: [] };
    lanes.set(`${kind} ${name}`, known);
    return known.marks;
  };
  for (const build of builds) {
    const startedAt = build.startedAt * 1000;
    const finishedAt = (build.finishedAt ?? Number.NaN) * 1000 || end;
    if (finishedAt < begin) continue;
    const start = Math.max(0, place(startedAt));
    lane('builder', build.builder).push({
      state: stateOf(build),
      start,
      length: round(Math.max(SHORTEST, place(finishedAt) - start)),
      name: `${build.builder} #${build.number}`,
      url: sources.buildUrl(build.builder, build.number),
    });
  }
  for (const move of moves) {
    const at = Date.parse(move.at);
    if (at < begin) continue;
    const project = sources.label(move.pair)?.project ?? '';
    lane('branch', `${project} ${move.branch}`.trim()).push({
      state: 'moved',
      start: place(at),
      length: 0,
      name: eventText(move),
      url: undefined,
    });
  }
  return {
    begin,
    end,
    lanes: [...shown('builder', lanes.values()), ...shown('branch', lanes.values())],
    events: entries.slice(0, EVENTS).map((entry) => ({
      at: Date.parse(entry.at),
      tone: toneOfEntry(entry),
      pair: sources.label(entry.pair),
      text: eventText(entry),
    })),
  };
}

/** What was marked first was the newest. */
function shown(kind: LaneView['kind'], lanes: Iterable<LaneView>): LaneView[] {
  const newest = [...lanes].filter((lane) => lane.kind === kind).slice(0, LANES);
  return newest.toSorted((a, b) => a.name.localeCompare(b.name));
}

function round(share: number): number {
  return Math.round(share * 100) / 100;
}

function stateOf(build: KnownBuild): BuilderState {
  return build.result === undefined ? 'running' : colour(build);
}

function toneOfEntry(entry: AuditEntry): Tone {
  switch (entry.event) {
    case 'moved':
    case 'merged':
    case 'conflict-ended':
    case 'diverged-ended':
    case 'shadow-agreed':
      return 'fresh';
    case 'conflict':
    case 'diverged':
    case 'refused':
    case 'shadow-differed':
      return 'broken';
    case 'held':
      return 'held';
    case 'resumed':
    case 'asked':
    case 'would-move':
    case 'would-merge':
      return 'calm';
  }
}

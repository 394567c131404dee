/** The table of `lpbuildbot-promotion status`: a line a pair, what it is and why. Pure. */
import { colour } from './buildbot/build-store.ts';
import type { Blocker } from './decide-promotion.ts';
import type { Verdict } from './plan.ts';
import type { PairReport, StateReport } from './state-report.ts';
import { count, moment, short, span } from './words.ts';

/** How many files of a conflict fit into a line. */
const FILES_SHOWN = 3;

export function statusText(state: StateReport): string {
  const lines: string[] = [];
  for (const { project, pairs } of state.projects) {
    lines.push(state.mode === 'shadow' ? `${project} (shadow: nothing is pushed)` : project);
    const rows = pairs.map((pair) => row(pair, state));
    const width = (column: 0 | 1) => Math.max(...rows.map((cells) => cells[column].length));
    for (const [name, word, text] of rows) {
      lines.push(`  ${name.padEnd(width(0))}  ${word.padEnd(width(1))}  ${text}`.trimEnd());
    }
  }
  if (state.buildbot.problem !== undefined)
    lines.push('', `Buildbot cannot be asked: ${state.buildbot.problem}`);
  for (const { way, trouble, waiting } of state.news) {
    if (trouble === undefined) continue;
    const name = way === 'mattermost' ? 'Mattermost' : 'the mail server';
    const since = moment(trouble.since, state.at);
    lines.push('', `News wait for ${name} (${waiting}) since ${since}: ${trouble.reason}`);
  }
  return `${lines.join('\n')}\n`;
}

function row(report: PairReport, { at: now, mode }: StateReport): readonly [string, string, string] {
  const name = `${report.pair.from} -> ${report.pair.to}`;
  const [state, text] = wordAndText(report, now);
  const word = wordIn(mode, state);
  // A hold that has nothing to hold yet is still there, and easily forgotten.
  const { hold } = report;
  const held = hold === undefined || word === 'held' ? '' : `; held by ${hold.who}: ${hold.why}`;
  return [name, word, `${text}${held}`];
}

/** The word for a state in this mode: in shadow mode somebody else has to move the branch. */
export function wordIn(mode: StateReport['mode'], word: string): string {
  if (mode === 'active') return word;
  return word.replace(/^moving$/, 'would move').replace(/^merging$/, 'would merge');
}

/** The state of a pair in a word, and what there is to say about it. */
export function wordAndText(report: PairReport, now: number): readonly [string, string] {
  if (report.trouble !== undefined) {
    return ['unreachable', `since ${moment(report.trouble.since, now)}: ${report.trouble.reason}`];
  }
  const { verdict } = report;
  if (verdict === undefined) return ['unknown', 'not looked at yet'];
  if (report.refusal !== undefined && (verdict.kind === 'move' || verdict.kind === 'merge')) {
    const { revision, reason, since } = report.refusal;
    return ['refused', `${short(revision)}, since ${moment(since, now)}: ${reason}`];
  }
  return describe(verdict, report, now);
}

function describe(verdict: Verdict, report: PairReport, now: number): readonly [string, string] {
  switch (verdict.kind) {
    case 'up-to-date':
      return ['up to date', withLastMove(short(verdict.tip), report, now)];
    case 'missing':
      return ['missing', `there is no branch ${verdict.branch}`];
    case 'diverged':
      return ['diverged', `${report.pair.to} ${short(verdict.to)} is not on ${report.pair.from}`];
    case 'builds-unknown':
      return ['unknown', `${count(verdict.behind, 'commit')} behind; Buildbot cannot be asked`];
    case 'waiting':
      return [
        'waiting',
        `${count(verdict.behind, 'commit')} behind; ${verdict.blockers.map((b) => blockerText(b, now)).join('; ')}`,
      ];
    case 'move':
      return ['moving', `to ${short(verdict.to)}, ${count(verdict.gains, 'commit')}`];
    case 'held':
      return ['held', `by ${verdict.hold.who} since ${moment(verdict.hold.since, now)}: ${verdict.hold.why}`];
    case 'conflict':
      return [
        'conflict',
        `${files(verdict.files)}; ${report.pair.from} ${short(verdict.from)}, ${report.pair.to} ${short(verdict.to)}`,
      ];
    case 'unrelated':
      return ['unrelated', 'the two branches have no commit in common'];
    case 'scheduled':
      return ['scheduled', `${short(verdict.from)} to merge ${when(verdict.due, now)}`];
    case 'merge':
      return ['merging', short(verdict.from)];
  }
}

function when(due: Extract<Verdict, { kind: 'scheduled' }>['due'], now: number): string {
  if (due.kind === 'at') return `at ${moment(due.time, now)}`;
  return due.kind === 'by-hand' ? 'when an operator says so' : 'now';
}

function withLastMove(tip: string, report: PairReport, now: number): string {
  const { lastMove } = report;
  if (lastMove === undefined) return tip;
  const { latencyMs, build } = lastMove;
  const latency =
    latencyMs === undefined || build === undefined ? '' : ` (${span(latencyMs)} after ${build})`;
  return `${tip}, moved ${span(now - lastMove.at)} ago${latency}`;
}

export function blockerText(blocker: Blocker, now: number): string {
  const { build, builder } = blocker;
  if (build === undefined) return `${builder} has not built it`;
  const name = `${builder} #${build.number}`;
  if (build.finishedAt === undefined) return `${name} building for ${span(now - build.startedAt * 1000)}`;
  const ended = moment(build.finishedAt * 1000, now);
  return colour(build) === 'red'
    ? `${name} red since ${ended}`
    : `${name} ended with ${build.result} at ${ended}`;
}

function files(names: readonly string[]): string {
  const more = names.length - FILES_SHOWN;
  return `${names.slice(0, FILES_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

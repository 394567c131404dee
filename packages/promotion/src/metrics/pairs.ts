/** How each branch pair is doing, from the same report that the page and `status` are written from. */
import { Gauge, type Registry } from 'prom-client';
import type { PairReport } from '../state-report.ts';
import { wordAndText } from '../status-text.ts';
import { waitingCommits } from '../waiting.ts';
import { PAIR, type Part, pairLabels, type Scraped } from './part.ts';
import { WaitingSince } from './waiting-since.ts';

export function pairsPart(registry: Registry): Part {
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ name: `lpbuildbot_${name}`, help, labelNames, registers });
  const state = gauge(
    'pair_state',
    'Always 1; state is the word that status has for the pair, kind is promotion or merge',
    [...PAIR, 'kind', 'state'],
  );
  const behind = gauge('pair_behind_commits', 'Commits that a branch has not got yet', PAIR);
  const since = gauge(
    'pair_waiting_since_timestamp_seconds',
    'Since when commits have waited for a branch to get them; absent when none waits',
    PAIR,
  );
  const blockers = gauge(
    'pair_blockers',
    'Required builders that do not let the newest revision through, by what they say of it',
    [...PAIR, 'state'],
  );
  const lastMove = gauge(
    'pair_last_move_timestamp_seconds',
    'When this service last moved the branch; absent when it has not, as far as its log goes back',
    PAIR,
  );
  const looked = gauge(
    'pair_last_look_timestamp_seconds',
    'When the pair was last looked at with success',
    PAIR,
  );
  const held = gauge(
    'pair_held_since_timestamp_seconds',
    'Since when somebody holds the pair; absent when nobody does',
    PAIR,
  );
  const conflict = gauge('pair_conflicting_files', 'Files in which two branches are in conflict', PAIR);
  const tip = gauge('branch_tip_timestamp_seconds', 'When the commit at the tip of a branch was made', [
    'project',
    'branch',
  ]);
  const waits = new WaitingSince();

  const setPair = (report: PairReport, scraped: Scraped) => {
    const { pair, verdict, from, to } = report;
    const { at: now } = scraped.report;
    const labels = pairLabels(pair);
    const mirror = scraped.mirrorOf(pair);
    state.set({ ...labels, kind: pair.kind, state: wordAndText(report, now)[0] }, 1);
    conflict.set(labels, verdict?.kind === 'conflict' ? verdict.files.length : 0);
    if (report.lastMove !== undefined) lastMove.set(labels, report.lastMove.at / 1000);
    if (report.lookedAt !== undefined) looked.set(labels, report.lookedAt / 1000);
    if (report.hold !== undefined) held.set(labels, report.hold.since / 1000);
    const waiting = waitingCommits(report, (_, into, tested) => mirror?.knownAhead(into, tested));
    if (waiting !== undefined) behind.set(labels, waiting);
    const oldest = from === undefined || to === undefined ? undefined : mirror?.knownOldest(to, from);
    const waitingSince = waits.since(pair.id, { now, waiting, oldest });
    if (waitingSince !== undefined) since.set(labels, waitingSince / 1000);
    if (pair.kind === 'promotion') {
      const all = verdict?.kind === 'waiting' ? verdict.blockers : [];
      for (const what of ['red', 'neither', 'running', 'not-built'] as const)
        blockers.set({ ...labels, state: what }, all.filter((blocker) => blocker.state === what).length);
    }
    for (const [branch, commit] of [
      [pair.from, from],
      [pair.to, to],
    ] as const) {
      const at = commit === undefined ? undefined : mirror?.facts(commit)?.at;
      if (at !== undefined) tip.set({ project: pair.project, branch }, at / 1000);
    }
  };
  return {
    update(scraped) {
      for (const one of [state, behind, since, blockers, lastMove, looked, held, conflict, tip]) one.reset();
      for (const { pairs } of scraped.report.projects) for (const pair of pairs) setPair(pair, scraped);
    },
  };
}

/**
 * What must hold after the service was killed again and again. The witnesses are the remote's own: its reflog, the
 * times that its hook wrote down, and its commits; only what people were told is read from the audit log.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KillRecord } from './kill-story.ts';
import type { AuditLine } from './promotion-stage.ts';

export interface KillSummary {
  readonly moves: number;
  readonly merges: number;
  readonly conflicts: number;
  /** Moves that the service made and the log does not have. */
  readonly untold: number;
}

/** Throws an AssertionError for whatever was done that should not have been. */
export async function checkKills(record: KillRecord): Promise<KillSummary> {
  const audit = await record.stage.audit();
  await checkMoves(record, 'master', 'stable');
  await checkMoves(record, 'db-devel', 'db-stable');
  await checkEnd(record);
  await checkDaemons(record);
  checkConflicts(audit);
  const merges = await checkMerges(record);
  const { moves, untold } = await checkTold(record, audit);
  const conflicts = audit.filter(({ event }) => event === 'conflict').length;
  return { moves, merges, conflicts, untold };
}

interface Push {
  readonly at: number;
  readonly branch: string;
  readonly to: string;
}

/** What the service pushed: people in the story move branches without a push. */
async function pushes({ stage }: KillRecord): Promise<readonly Push[]> {
  const text = await readFile(join(stage.remote.path, 'pushes'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [at = '', ref = '', to = ''] = line.split(' ');
      return { at: Number(at), branch: ref.replace('refs/heads/', ''), to };
    });
}

/** It only ever held green revisions, each green before it came there, and it never went backwards. */
async function checkMoves(record: KillRecord, from: 'master' | 'db-devel', to: string): Promise<void> {
  const { remote } = record.stage;
  const green = record.greenSince[from];
  for (const move of await remote.moves(to)) {
    assert.ok(green.has(move.to), `${to} was moved to ${move.to}, which was never green`);
    if (/^0+$/.test(move.from)) continue;
    assert.ok(await remote.isAncestor(move.from, move.to), `${to} went from ${move.from} back to ${move.to}`);
  }
  for (const push of await pushes(record)) {
    if (push.branch !== to) continue;
    const since = green.get(push.to) ?? Number.POSITIVE_INFINITY;
    assert.ok(since <= push.at, `${to} was pushed to ${push.to} ${since - push.at} ms before that was green`);
  }
}

/** It ended at the newest green revision, and has no trouble left. */
async function checkEnd({ stage, greenSince, finalTips }: KillRecord): Promise<void> {
  const newest = (await stage.remote.log('master')).find(({ sha }) => greenSince.master.has(sha));
  assert.equal(await stage.remote.tip('stable'), newest?.sha);
  assert.equal(await stage.remote.tip('db-stable'), finalTips['db-devel']);
  assert.equal(await stage.remote.isAncestor('stable', 'db-devel'), true);
}

/** The service never ended but by being killed, and never met what it does not know. */
async function checkDaemons({ stage }: KillRecord): Promise<void> {
  for (const daemon of stage.daemons.slice(0, -1)) {
    const { code, signal } = await daemon.wait();
    assert.deepEqual({ code, signal }, { code: null, signal: 'SIGKILL' }, daemon.output);
  }
  assert.doesNotMatch(stage.log, /should not happen|"level":[56]0|UnhandledPromise|\n {4}at /);
}

/** No merge commit has the same second parent as another one. */
async function checkMerges({ stage }: KillRecord): Promise<number> {
  const merges = (await stage.remote.log('db-devel')).filter(({ parents }) => parents.length > 1);
  const merged = merges.map(({ parents }) => parents[1]);
  assert.deepEqual(repeated(merged), [], 'a revision was merged twice');
  return merges.length;
}

function checkConflicts(audit: readonly AuditLine[]): void {
  const told = audit.filter(({ event }) => event === 'conflict');
  const facts = told.map(({ pair, from, into }) => `${pair}: ${from} ${into}`);
  assert.deepEqual(repeated(facts), [], 'a conflict was told twice');
}

/**
 * Every move that the service made is in the log once, and no other is. Only one that somebody went past before the
 * service was back to see it may be missing.
 */
async function checkTold(
  record: KillRecord,
  audit: readonly AuditLine[],
): Promise<{ readonly moves: number; readonly untold: number }> {
  const told = audit
    .filter(({ event }) => event === 'moved' || event === 'merged')
    .map(({ pair, to }) => `${pair.split(' -> ')[1]} ${to}`);
  assert.deepEqual(repeated(told), [], 'a move was told twice');

  // The hook also sees pushes that lost a race afterwards.
  const pushed = new Set((await pushes(record)).map(({ branch, to }) => `${branch} ${to}`));
  const made = new Set<string>();
  let ours = 0;
  let untold = 0;
  for (const branch of ['stable', 'db-stable', 'db-devel']) {
    const moves = await record.stage.remote.moves(branch);
    for (const [index, { to }] of moves.entries()) {
      const move = `${branch} ${to}`;
      made.add(move);
      if (!pushed.has(move) || record.byHand.has(to)) continue;
      ours += 1;
      if (told.includes(move)) continue;
      untold += 1;
      assert.ok(
        branch === 'stable' && record.byHand.has(moves[index + 1]?.to ?? ''),
        `${move} is not in the log`,
      );
    }
  }
  assert.deepEqual(
    told.filter((move) => !made.has(move)),
    [],
    'a move was told and not made',
  );
  return { moves: ours, untold };
}

function repeated<T>(values: readonly T[]): readonly T[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

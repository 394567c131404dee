/**
 * Gathers what is to be compared once everything has been fed in: the branches' whole history from the remote's reflogs,
 * what Buildbot said of each revision, and what its own tests say when they are run directly.
 */
import { type Sha, shaSchema } from '@lpbuildbot/pipeline';
import { pooled } from '../../scripts/lib/pool.ts';
import type { BareRepository } from '../support/git-repository.ts';
import { compareLine, compareMerges, type Finding, type Tip } from './comparison.ts';
import { beside } from './developer.ts';
import { type Line, lines } from './lines.ts';
import { messages } from './messages.ts';
import { Oracle } from './oracle.ts';
import { withDirectory } from './release-tree.ts';

/** After how many revisions that were run directly it is told how many are done. */
const progressEvery = 10;

/** The shell command lines that test a development branch. */
export type Commands = Readonly<Record<Line['dev'], readonly string[]>>;
/** The colour of each revision's build, by development branch. */
export type Built = ReadonlyMap<string, ReadonlyMap<Sha, 'green' | 'red'>>;

export interface Evidence {
  readonly remote: BareRepository;
  /** What somebody pushed, and what it is called. */
  readonly pushed: ReadonlyMap<Sha, string>;
  readonly commands: Commands;
  readonly built: Built;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** Every comparison of one run. */
export async function findingsOf(evidence: Evidence): Promise<readonly Finding[]> {
  const { remote, onProgress } = evidence;
  const oracle = new Oracle(remote);
  const findings: Finding[] = [];
  for (const { dev, stable } of lines) {
    const tips = await tipsOf(evidence, dev, oracle);
    // The first value of a branch is the one it was made with.
    const moves = (await valuesOf(remote, stable)).slice(1);
    const passing = tips.filter(({ direct }) => direct === 'passes').length;
    onProgress(messages.line(dev, stable, passing, tips.length - passing, moves.length));
    findings.push(...compareLine({ dev, stable, tips, moves }), coloursOf(dev, tips));
    if (dev === 'db-devel') findings.push(...(await mergesInto(dev, tips, evidence)));
  }
  return findings;
}

async function tipsOf(evidence: Evidence, dev: Line['dev'], oracle: Oracle): Promise<Tip[]> {
  const { remote, pushed, commands, built, onProgress, signal } = evidence;
  const revisions = await valuesOf(remote, dev);
  onProgress(messages.runsDirectly(dev, revisions.length));
  let done = 0;
  return await pooled(revisions, 2, async (sha) => {
    signal?.throwIfAborted();
    const [parents = '', tree = '', subject = ''] = (
      await remote.git(['log', '-1', '--format=%P%n%T%n%s', sha])
    ).split('\n');
    const { verdict } = await oracle.run(sha, commands[dev]);
    done += 1;
    if (done % progressEvery === 0) onProgress(messages.ranDirectly(dev, done, revisions.length));
    return {
      sha,
      label: pushed.get(sha) ?? `"${subject}"`,
      parents: parents.split(' ').flatMap((id) => (id === '' ? [] : [shaSchema.parse(id)])),
      tree,
      direct: verdict,
      built: built.get(dev)?.get(sha) ?? 'not built',
    };
  });
}

/** Every value that a branch of the remote has had, oldest first. */
async function valuesOf(remote: BareRepository, branch: string): Promise<Sha[]> {
  return (await remote.moves(branch)).map(({ to }) => shaSchema.parse(to));
}

/** A comparison where nothing could have gone wrong would tell nothing. */
function coloursOf(dev: string, tips: readonly Tip[]): Finding {
  const alike = tips.every(({ direct }) => direct === tips[0]?.direct);
  return { what: messages.colours(dev), mistake: alike ? messages.oneColour(dev) : undefined };
}

async function mergesInto(dev: Line['dev'], tips: readonly Tip[], evidence: Evidence): Promise<Finding[]> {
  const { remote, pushed } = evidence;
  const moves = (await valuesOf(remote, 'stable')).slice(1);
  const trees = new Map<string, string>();
  const onto = tips.filter((_, index) => {
    const next = tips[index + 1];
    return next !== undefined && !pushed.has(next.sha);
  });
  for (const [index, move] of moves.entries()) {
    const on = onto[index];
    if (on !== undefined) trees.set(`${on.sha} ${move}`, await mergedTree(remote, on.sha, move));
  }
  return compareMerges({
    from: 'stable',
    into: dev,
    moves,
    tips,
    pushed: new Set(pushed.keys()),
    expectedTree: (on, merged) => trees.get(`${on} ${merged}`),
  });
}

/** The two sides touch different paths: all of one package, and the second package beside it. */
async function mergedTree(remote: BareRepository, on: Sha, merged: Sha): Promise<string> {
  const tree = await remote.git(['rev-parse', `${merged}^{tree}`]);
  const listed = await remote.git(['ls-tree', '--format=%(objectname)', on, beside]);
  return listed === '' ? tree : await withDirectory(remote, tree, beside, listed);
}

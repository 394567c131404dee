/**
 * What people have been told already, by the audit log: each fact is told once, for as long as it is the same fact.
 */
import type { Sha } from '@lpbuildbot/pipeline';
import type { AuditEntry, AuditEvent } from './state/audit.ts';

/** The facts about a pair that are told once, each with what makes it the same fact. */
type Topic = 'conflict' | 'diverged' | 'refused' | 'would';

/** A move or merge that the log has, for "last moved". */
export interface LastMove {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly to: Sha;
  readonly reason: string;
  /** From hearing of the last build's end to the remote's answer; unknown for merges and after a restart. */
  readonly latencyMs: number | undefined;
  /** The newest of the builds it rests on, as in `lp-devel #12`; none for a merge. */
  readonly build: string | undefined;
}

/** How many conflicts of a pair are remembered. */
const CONFLICTS = 1000;

export class Told {
  readonly #facts = new Map<string, string>();
  /** By pair: the tips of every conflict that was told, for branches may come back to where they were. */
  readonly #conflicts = new Map<string, Set<string>>();
  readonly #lastMoves = new Map<string, LastMove>();

  /** Follows one entry of the log, old or new. */
  follow(entry: AuditEntry): void {
    const { pair } = entry;
    switch (entry.event) {
      case 'conflict':
        this.#rememberConflict(pair, factOf(entry));
        this.#set(pair, entry.event, factOf(entry));
        break;
      case 'diverged':
      case 'refused':
        this.#set(pair, entry.event, factOf(entry));
        break;
      case 'would-move':
      case 'would-merge':
        this.#set(pair, 'would', factOf(entry));
        break;
      case 'conflict-ended':
        this.#facts.delete(`${pair} conflict`);
        break;
      case 'diverged-ended':
        this.#facts.delete(`${pair} diverged`);
        break;
      case 'moved':
      case 'merged':
        for (const topic of ['conflict', 'diverged', 'refused']) this.#facts.delete(`${pair} ${topic}`);
        this.#lastMoves.set(pair, {
          at: Date.parse(entry.at),
          to: entry.to,
          reason: entry.reason,
          latencyMs: entry.event === 'moved' ? entry.latencyMs : undefined,
          build: entry.event === 'moved' ? newestBuild(entry.builds) : undefined,
        });
        break;
      case 'shadow-agreed':
      case 'shadow-differed':
        this.#facts.delete(`${pair} would`);
        break;
      case 'held':
      case 'resumed':
      case 'asked':
        break;
    }
  }

  /** Whether the log has this very fact as the last one on its topic; for a conflict, whether it ever had it. */
  has(event: AuditEvent): boolean {
    if (event.event === 'conflict') return this.#conflicts.get(event.pair)?.has(factOf(event)) ?? false;
    const topic = event.event === 'would-move' || event.event === 'would-merge' ? 'would' : event.event;
    return this.#facts.get(`${event.pair} ${topic}`) === factOf(event);
  }

  /** Whether people were told of this and not yet that it is over. */
  isOpen(pair: string, topic: 'conflict' | 'diverged'): boolean {
    return this.#facts.has(`${pair} ${topic}`);
  }

  lastMove(pair: string): LastMove | undefined {
    return this.#lastMoves.get(pair);
  }

  #rememberConflict(pair: string, tips: string): void {
    const told = this.#conflicts.get(pair) ?? new Set();
    this.#conflicts.set(pair, told.add(tips));
    const [oldest] = told;
    if (told.size > CONFLICTS && oldest !== undefined) told.delete(oldest);
  }

  #set(pair: string, topic: Topic, fact: string): void {
    this.#facts.set(`${pair} ${topic}`, fact);
  }
}

/** What makes two entries the same fact: everything but the time and how it was worded. */
function factOf(event: AuditEvent | AuditEntry): string {
  switch (event.event) {
    case 'conflict':
      return `${event.from} ${event.into}`;
    case 'diverged':
      // Commits that go on meanwhile change nothing about it.
      return event.to;
    case 'refused':
      return `${event.revision} ${event.reason}`;
    case 'would-move':
      return event.to;
    case 'would-merge':
      return `${event.merged} ${event.from}`;
    default:
      return '';
  }
}

function newestBuild(builds: Extract<AuditEntry, { event: 'moved' }>['builds']): string | undefined {
  const [newest] = builds.toSorted((a, b) => b.buildid - a.buildid);
  return newest && `${newest.builder} #${newest.number}`;
}

/** Which entries of the audit log are news. Each is considered once, and what it says is told once. Pure. */
import { createHash } from 'node:crypto';
import type { Pair } from '../pairs.ts';
import type { AuditEntry } from '../state/audit.ts';
import type { Fact } from './facts.ts';
import type { NewsMemory } from './memory.ts';

/** How many entries are remembered as considered. */
const SEEN = 300;
/** How many conflicts of a pair are remembered. */
const CONFLICTS = 50;

/** What tells an entry from all others. */
function entryName(entry: AuditEntry): string {
  return `${entry.at} ${entry.event} ${entry.pair}`;
}

/** The entries of an earlier run that nobody has considered: it ended before it came to that. */
export function leftOver(memory: NewsMemory, tail: readonly AuditEntry[]): AuditEntry[] {
  const seen = new Set(memory.entries.seen);
  return tail.filter((entry) => Date.parse(entry.at) > memory.entries.floor && !seen.has(entryName(entry)));
}

/** @returns the same memory when there is no entry. */
export function entryNews(
  memory: NewsMemory,
  entries: readonly AuditEntry[],
  pairs: ReadonlyMap<string, Pair>,
): { readonly facts: readonly Fact[]; readonly memory: NewsMemory } {
  const facts: Fact[] = [];
  let next = memory;
  for (const entry of entries) {
    next = consider(next, entry);
    const pair = pairs.get(entry.pair);
    // One that is gone from the pipeline files has nobody who wants to hear of it.
    if (pair === undefined) continue;
    const told = tell(next, entry, pair);
    facts.push(...told.facts);
    next = told.memory;
  }
  return { facts, memory: next };
}

function consider(memory: NewsMemory, entry: AuditEntry): NewsMemory {
  const seen = [...memory.entries.seen, entryName(entry)];
  const [oldest = ''] = seen;
  if (seen.length <= SEEN) return { ...memory, entries: { ...memory.entries, seen } };
  const gone = Date.parse(oldest.split(' ')[0] ?? '');
  const floor = Math.max(memory.entries.floor, Number.isNaN(gone) ? 0 : gone);
  return { ...memory, entries: { seen: seen.slice(1), floor } };
}

interface Told {
  readonly facts: readonly Fact[];
  readonly memory: NewsMemory;
}

function tell(memory: NewsMemory, entry: AuditEntry, pair: Pair): Told {
  const common = { key: entryName(entry), project: pair.project, at: Date.parse(entry.at), pair };
  switch (entry.event) {
    case 'moved':
    case 'merged': {
      // After a crash the log may have lost what people have been told.
      const known = entry.after === 'restart' && memory.moved[pair.id] === entry.to;
      const mended = mend(memory, pair, common.at);
      const moved = { ...mended.memory, moved: { ...memory.moved, [pair.id]: entry.to } };
      if (known) return { facts: mended.facts, memory: moved };
      return {
        facts: [...mended.facts, { kind: 'entry', ...common, entry, thread: undefined }],
        memory: moved,
      };
    }
    case 'conflict': {
      const { tips, thread, files: before } = memory.conflicts[pair.id] ?? { tips: [] };
      const these = `${entry.from} ${entry.into}`;
      const files = markOf(entry.files);
      // Branches that go on in the meantime are no news as long as nothing else is in conflict.
      if (tips.includes(these) || (thread !== undefined && files === before)) return { facts: [], memory };
      const conflict = { tips: [...tips, these].slice(-CONFLICTS), thread: thread ?? common.key, files };
      return {
        facts: [{ kind: 'entry', ...common, entry, thread }],
        memory: { ...memory, conflicts: { ...memory.conflicts, [pair.id]: conflict } },
      };
    }
    case 'conflict-ended':
      return mend(memory, pair, common.at);
    case 'refused':
      // A server that words it differently each time says the same.
      if (memory.refused[pair.id] === entry.revision) return { facts: [], memory };
      return {
        facts: [{ kind: 'entry', ...common, entry, thread: undefined }],
        memory: { ...memory, refused: { ...memory.refused, [pair.id]: entry.revision } },
      };
    case 'diverged':
    case 'diverged-ended':
    case 'held':
    case 'resumed':
      return { facts: [{ kind: 'entry', ...common, entry, thread: undefined }], memory };
    case 'asked':
    case 'would-move':
    case 'would-merge':
    case 'shadow-agreed':
    case 'shadow-differed':
      return { facts: [], memory };
  }
}

/** What merges is in conflict no more, whether or not the log came to say so. */
function mend(memory: NewsMemory, pair: Pair, at: number): Told {
  const open = memory.conflicts[pair.id];
  if (open?.thread === undefined) return { facts: [], memory };
  const { tips, thread } = open;
  return {
    facts: [{ kind: 'mended', key: `mended ${thread}`, project: pair.project, at, pair, thread }],
    memory: { ...memory, conflicts: { ...memory.conflicts, [pair.id]: { tips } } },
  };
}

function markOf(files: readonly string[]): string {
  return createHash('sha256').update(files.toSorted().join('\0')).digest('hex').slice(0, 16);
}

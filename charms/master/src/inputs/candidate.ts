/**
 * The pipeline files that are to be used: found, read and compiled. What was accepted before and has not changed is not read
 * again, so that a quiet hook does not even load the code for it.
 */
import { createHash } from 'node:crypto';
import type { GitAccess, Machine, PipelineFile } from '../machine/machine.ts';
import { messages } from '../messages.ts';
import type { Accepted } from './memory.ts';
import type { Settings } from './settings.ts';

export type Candidate =
  /** What Buildbot has. */
  | { readonly kind: 'accepted' }
  | { readonly kind: 'new'; readonly value: Accepted }
  /** `complaint` is for the status, `report` has all mistakes. */
  | { readonly kind: 'refused'; readonly complaint: string; readonly report: string }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'none' | 'both' };

/** @param look `kept` leaves the repository alone when there is something that works. */
export async function findCandidate(
  machine: Machine,
  source: Settings['source'],
  accepted: Accepted | undefined,
  look: 'now' | 'kept',
  access: GitAccess,
): Promise<Candidate> {
  switch (source.kind) {
    case 'none':
    case 'both':
      return { kind: source.kind };
    case 'inline':
      return await judge('pipelines', undefined, splitText(source.text), accepted);
    case 'repository': {
      const name = `${source.repository}#${source.branch}`;
      const mine = accepted?.source === name ? accepted : undefined;
      if (mine !== undefined && look === 'kept') return { kind: 'accepted' };
      const fetched = await machine.git.fetch(source, mine?.revision, access);
      if (fetched.kind === 'failed') return { kind: 'unreadable', reason: fetched.reason };
      if (fetched.kind === 'same') return { kind: 'accepted' };
      return await judge(name, fetched.revision, fetched.files, accepted);
    }
  }
}

export async function judge(
  source: string,
  revision: string | undefined,
  files: readonly PipelineFile[],
  accepted: Accepted | undefined,
): Promise<Candidate> {
  const key = createHash('sha256')
    .update(JSON.stringify([source, files]))
    .digest('hex');
  if (accepted?.key === key && accepted.revision === revision) return { kind: 'accepted' };
  const { compile, formatMistakes, readPipelines } = await import('@lpbuildbot/pipeline');
  if (files.length === 0) {
    return { kind: 'refused', complaint: messages.noPipelineFiles, report: messages.noPipelineFiles };
  }
  const reading = readPipelines(files);
  if (reading.kind === 'refused') {
    const [first] = reading.mistakes;
    return {
      kind: 'refused',
      complaint: messages.pipelinesRefused(
        first === undefined ? '' : formatMistakes([first]),
        reading.mistakes.length,
      ),
      report: formatMistakes(reading.mistakes),
    };
  }
  const { pipelines } = reading;
  return {
    kind: 'new',
    value: {
      key,
      source,
      ...(revision === undefined ? {} : { revision }),
      files: [...files],
      compiled: compile(pipelines),
      facts: {
        reads: pipelines.map(({ repository }) => repository),
        pushes: pipelines.flatMap(({ push, promotions, merges }) =>
          promotions.length + merges.length === 0 ? [] : [push],
        ),
        images: [
          ...new Set(
            pipelines.flatMap(({ builders }) =>
              builders.flatMap(({ runs }) => (runs.on === 'image' ? [runs.image] : [])),
            ),
          ),
        ],
        chats: pipelines.flatMap(({ project, notify }) => (notify.mattermost === undefined ? [] : [project])),
        mails: pipelines.flatMap(({ project, notify }) => (notify.mail === undefined ? [] : [project])),
        projects: pipelines.length,
        builders: pipelines.reduce((sum, { builders }) => sum + builders.length, 0),
      },
    },
  };
}

/** Divided at lines `---`; each part keeps its line numbers, so that mistakes are found where they are told. */
export function splitText(text: string): PipelineFile[] {
  const parts: string[][] = [[]];
  const all = text.split('\n');
  for (const [number, line] of all.entries()) {
    if (/^---\s*$/.test(line)) parts.push(Array.from({ length: number + 1 }, () => ''));
    else parts.at(-1)?.push(line);
  }
  return parts
    .map((lines) => lines.join('\n'))
    .filter((part) => part.trim() !== '')
    .map((part) => ({ file: 'pipelines', text: part }));
}

/** What must be different, or the same, over all pipeline files, since one Buildbot and its workers serve them all. */
import type { Draft, DraftImage } from './draft.ts';
import { conflicts, type Words } from './messages.ts';
import type { FileProblem } from './move-rules.ts';
import { problem } from './problem.ts';
import type { Path } from './yaml-tree.ts';

export const nameRules: readonly ((drafts: readonly Draft[]) => Generator<FileProblem>)[] = [
  sameProject,
  sameBuilder,
  differentImage,
];

function* sameProject(drafts: readonly Draft[]): Generator<FileProblem> {
  const first = new Map<string, Draft>();
  for (const draft of drafts) {
    if (draft.project === undefined) continue;
    const earlier = first.get(draft.project);
    if (earlier === undefined) first.set(draft.project, draft);
    else yield at(draft, ['project'], 'value', conflicts.project(draft.project, earlier.where(['project'])));
  }
}

/** Buildbot names the directory of a builder after it, with `_` for `.` (`safeTranslate` in buildbot/util). */
function* sameBuilder(drafts: readonly Draft[]): Generator<FileProblem> {
  const first = new Map<string, { name: string; draft: Draft }>();
  for (const draft of drafts) {
    for (const name of draft.builders?.keys() ?? []) {
      const directory = name.replaceAll('.', '_');
      const earlier = first.get(directory);
      if (earlier === undefined) {
        first.set(directory, { name, draft });
        continue;
      }
      const where = earlier.draft.where(['builders', earlier.name]);
      const words =
        earlier.name === name
          ? conflicts.builder(name, where)
          : conflicts.buildDirectory(name, earlier.name, where);
      yield at(draft, ['builders', name], 'key', words);
    }
  }
}

function* differentImage(drafts: readonly Draft[]): Generator<FileProblem> {
  const first = new Map<string, { image: DraftImage; draft: Draft }>();
  for (const draft of drafts) {
    for (const [name, image] of draft.images ?? []) {
      const earlier = first.get(name);
      if (earlier === undefined) first.set(name, { image, draft });
      else if (earlier.image.base !== image.base || earlier.image.flavor !== image.flavor) {
        yield at(
          draft,
          ['images', name],
          'key',
          conflicts.image(name, earlier.draft.where(['images', name])),
        );
      }
    }
  }
}

function at(draft: Draft, path: Path, part: 'key' | 'value', words: Words): FileProblem {
  return { draft, ...problem(path, part, words) };
}

/** From what zod says about a file to what people are told about it. */
import type { z } from 'zod';
import { missingKey, unknownKey, writeKey } from './messages.ts';
import { mostMistakes, nearest, type Problem, problem } from './problem.ts';
import type { Path, Tree } from './yaml-tree.ts';

type Issue = z.core.$ZodIssue;

export function* shapeProblems(issues: readonly Issue[], tree: Tree, above: Path = []): Generator<Problem> {
  const meant = keysMeant(issues);
  for (const issue of issues) {
    const path = [...above, ...issue.path];
    const alternative = alternativeMeant(issue);
    if (issue.code === 'unrecognized_keys') {
      const known = issue.message.split(' ');
      for (const key of issue.keys) {
        yield problem([...path, key], 'key', unknownKey(key, nearest(key, known), known));
      }
    } else if (alternative !== undefined) {
      yield* shapeProblems(alternative, tree, path);
    } else if (tree.describe(path) !== undefined) {
      yield valueProblem(issue, path, tree);
    } else if (!meant.has(JSON.stringify(issue.path))) {
      const key = String(path.at(-1));
      yield problem(path, 'key', { found: missingKey(key), write: writeKey(key, issue.message) });
    }
  }
}

/** The paths of keys that are there under a wrong name: that is said at that name. */
function keysMeant(issues: readonly Issue[]): Set<string> {
  const meant = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const known = issue.message.split(' ');
    const given = new Set(issue.keys.slice(0, mostMistakes).map((key) => nearest(key, known)));
    for (const key of given) if (key !== undefined) meant.add(JSON.stringify([...issue.path, key]));
  }
  return meant;
}

/** Where a value may be written in several ways: what is wrong with the way whose type it has. */
function alternativeMeant(issue: Issue): readonly Issue[] | undefined {
  if (issue.code !== 'invalid_union') return undefined;
  return issue.errors.find(
    (inner) => !inner.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
  );
}

function valueProblem(issue: Issue, path: Path, tree: Tree): Problem {
  const because: unknown = issue.code === 'custom' ? issue.params?.because : undefined;
  const reason = typeof because === 'string' ? `, ${because}` : '';
  return problem(path, 'value', { found: `${tree.describe(path)}${reason}`, write: issue.message });
}

/** From what zod says about a file to what people are told about it. */
import type { z } from 'zod';
import { missingKey, unknownKey, writeKey } from './messages.ts';
import { nearest, type Problem, problem } from './problem.ts';
import type { Path, Tree } from './yaml-tree.ts';

type Issue = z.core.$ZodIssue;

export function* shapeProblems(issues: readonly Issue[], tree: Tree, above: Path = []): Generator<Problem> {
  for (const issue of issues) {
    const path = [...above, ...issue.path];
    const meant = meantAlternative(issue);
    if (issue.code === 'unrecognized_keys') {
      const known = issue.message.split(' ');
      for (const key of issue.keys) {
        yield problem([...path, key], 'key', unknownKey(key, nearest(key, known), known));
      }
    } else if (meant !== undefined) {
      yield* shapeProblems(meant, tree, path);
    } else {
      yield valueProblem(issue, path, tree);
    }
  }
}

/** Where a value may be written in several ways: what is wrong with the way whose type it has. */
function meantAlternative(issue: Issue): readonly Issue[] | undefined {
  if (issue.code !== 'invalid_union') return undefined;
  return issue.errors.find(
    (inner) => !inner.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
  );
}

function valueProblem(issue: Issue, path: Path, tree: Tree): Problem {
  const found = tree.describe(path);
  if (found === undefined) {
    const key = String(path.at(-1));
    return problem(path, 'key', { found: missingKey(key), write: writeKey(key, issue.message) });
  }
  const because: unknown = issue.code === 'custom' ? issue.params?.because : undefined;
  const reason = typeof because === 'string' ? `, ${because}` : '';
  return problem(path, 'value', { found: `${found}${reason}`, write: issue.message });
}

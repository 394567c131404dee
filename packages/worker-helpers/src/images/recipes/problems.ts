/** From what zod says about a file to what people are told about it. */
import leven from 'leven';
import type { z } from 'zod';
import { missingKey, unknownKey, writeKey } from '../messages.ts';
import type { Mistake } from './mistake.ts';
import type { Path, YamlSource } from './yaml-source.ts';

type Issue = z.core.$ZodIssue;

export function shapeMistakes(issues: readonly Issue[], source: YamlSource, above: Path = []): Mistake[] {
  const meant = keysMeant(issues);
  return issues.flatMap((issue) => {
    const path = [...above, ...issue.path];
    const alternative = alternativeMeant(issue);
    if (issue.code === 'unrecognized_keys') {
      const known = issue.message.split(' ');
      return issue.keys.map((key) =>
        source.mistakeAt([...path, key], 'key', unknownKey(key, nearest(key, known), known)),
      );
    }
    if (alternative !== undefined) return shapeMistakes(alternative, source, path);
    const found = foundIn(issue) ?? source.describe(path);
    if (found !== undefined) return [source.mistakeAt(path, 'value', { found, write: issue.message })];
    // A key that is there under a wrong name is told of at that name.
    if (meant.has(JSON.stringify(issue.path))) return [];
    const key = String(path.at(-1));
    return [source.mistakeAt(path, 'key', { found: missingKey(key), write: writeKey(key, issue.message) })];
  });
}

/** What a rule of ours says was found; else it is what stands there. */
function foundIn(issue: Issue): string | undefined {
  const found: unknown = issue.code === 'custom' ? issue.params?.found : undefined;
  return typeof found === 'string' ? found : undefined;
}

/** The candidate that the name is probably a slip of, if one is near enough. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = leven(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function keysMeant(issues: readonly Issue[]): Set<string> {
  const meant = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const known = issue.message.split(' ');
    for (const key of issue.keys) {
      const near = nearest(key, known);
      if (near !== undefined) meant.add(JSON.stringify([...issue.path, near]));
    }
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

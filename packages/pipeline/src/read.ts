/** From the text of pipeline files to their meaning, or to everything that is wrong with them. */
import { type Mistake, sortMistakes } from './mistake.ts';
import type { Pipeline } from './model.ts';
import { groupsOf, moveRules } from './move-rules.ts';
import { nameRules } from './name-rules.ts';
import { resolve } from './resolve.ts';
import { readSheet, type Sheet, some } from './sheet.ts';

export interface PipelineText {
  /** The name that messages give the file. */
  readonly file: string;
  readonly text: string;
}

export type Reading =
  | { readonly kind: 'accepted'; readonly pipelines: readonly Pipeline[] }
  | { readonly kind: 'refused'; readonly mistakes: readonly Mistake[] };

/**
 * What all files of one configuration may amount to together, so that even hostile ones cost little time and memory. It
 * is room for some 2,000 builders.
 */
export const mostCharacters = 1_000_000;
const mostTokens = 100_000;

/** Reads all files of one configuration together, since some rules hold across files. Never throws. */
export function readPipelines(texts: readonly PipelineText[]): Reading {
  return readTexts(texts, 'all');
}

/** The same, where `some` says that there are files whose text is not known: what those may build is not missed. */
export function readTexts(texts: readonly PipelineText[], known: 'all' | 'some'): Reading {
  const sheets: Sheet[] = [];
  let allowance = { characters: mostCharacters, tokens: mostTokens };
  for (const { file, text } of texts) {
    const sheet = readSheet(file, text, allowance);
    sheets.push(sheet);
    allowance = { characters: allowance.characters - text.length, tokens: allowance.tokens - sheet.tokens };
  }
  const mistakes = sortMistakes([
    ...sheets.flatMap((sheet) => sheet.mistakes),
    ...mistakesAcross(sheets, known),
  ]);
  if (mistakes.length > 0) return { kind: 'refused', mistakes };
  return {
    kind: 'accepted',
    pipelines: sheets.flatMap(({ file, value }) => (value === undefined ? [] : [resolve(file, value)])),
  };
}

function mistakesAcross(sheets: readonly Sheet[], known: 'all' | 'some'): Mistake[] {
  const sheetOf = new Map(
    sheets.flatMap((sheet) => (sheet.draft === undefined ? [] : [[sheet.draft, sheet]])),
  );
  const drafts = [...sheetOf.keys()];
  const groups = groupsOf(drafts, known === 'all' && drafts.length === sheets.length);
  return [
    ...nameRules.map((rule) => rule(drafts)),
    ...groups.flatMap((group) => moveRules.map((rule) => rule(group))),
  ]
    .flatMap((problems) => [...some(problems)])
    .flatMap((problem) => sheetOf.get(problem.draft)?.locate(problem) ?? []);
}

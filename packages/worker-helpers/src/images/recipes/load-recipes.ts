/** Finds and reads recipe files and what they name, so that `readRecipes` stays free of the file system. */
import { constants } from 'node:fs';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { recipeWords } from '../messages.ts';
import type { Mistake } from './mistake.ts';
import { type Reading, type RecipeText, readRecipes } from './read-recipes.ts';
import type { Companions } from './resolve.ts';

/** The `*.yaml` and `*.yml` of a directory, sorted, without hidden ones. A directory that is not there has none. */
export async function loadRecipes(directory: string): Promise<Reading> {
  const texts: RecipeText[] = [];
  const unreadable: Mistake[] = [];
  for (const file of await recipeFiles(resolve(directory))) {
    try {
      texts.push({ file, text: await readFile(file, 'utf8') });
    } catch (error) {
      unreadable.push({ file, line: 1, column: 1, ...recipeWords.unreadable(codeOf(error)) });
    }
  }
  const reading = await readRecipes(texts, companions, unreadable.length === 0 ? 'all' : 'some');
  if (unreadable.length === 0) return reading;
  return {
    kind: 'refused',
    mistakes: [...unreadable, ...(reading.kind === 'refused' ? reading.mistakes : [])],
  };
}

async function recipeFiles(directory: string): Promise<string[]> {
  try {
    const names = await readdir(directory);
    return names
      .filter((name) => /^[^.].*\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(directory, name));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

const companions: Companions = {
  read: async (path) => {
    try {
      return { kind: 'content', content: await readFile(path) };
    } catch (error) {
      return { kind: 'unreadable', why: codeOf(error) };
    }
  },
  lookFor: async (path) => {
    try {
      await access(path, constants.R_OK);
      return (await stat(path)).isFile() ? undefined : 'not a file';
    } catch (error) {
      return codeOf(error);
    }
  },
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

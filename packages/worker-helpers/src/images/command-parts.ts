/** What the commands about images have in common. */
import * as z from 'zod';
import { Failure } from '../command/failure.ts';
import { commandWords, expected } from './messages.ts';
import { parseDuration } from './recipes/duration.ts';
import { loadRecipes } from './recipes/load-recipes.ts';
import { formatMistakes } from './recipes/mistake.ts';
import type { Recipes } from './recipes/read-recipes.ts';

/** The exit code for mistakes in recipes. */
export const RECIPES_WRONG = 3;

/** In seconds. */
export const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, { error: `write ${expected.maxAge}` })
  .transform((text) => parseDuration(text) ?? 0);

/** Throws a Failure with all mistakes. */
export async function acceptedRecipes(directory: string): Promise<Recipes> {
  const reading = await loadRecipes(directory);
  if (reading.kind === 'accepted') return reading.recipes;
  throw new Failure(commandWords.recipesWrong(formatMistakes(reading.mistakes)), { exitCode: RECIPES_WRONG });
}

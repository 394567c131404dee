/** The command lpbuildbot-prune-images. */
import * as z from 'zod';
import { defaulted, defineCommand, flag, none, value } from '../command/define.ts';
import { Failure } from '../command/failure.ts';
import { openLxd } from '../lxd/index.ts';
import { acceptedRecipes, RECIPES_WRONG } from './command-parts.ts';
import { commandWords, expected } from './messages.ts';
import { defaultPlaces } from './places.ts';
import { pruneImages } from './prune-images.ts';
import { defaults } from './recipes/model.ts';

const NAME = 'lpbuildbot-prune-images';

export default defineCommand({
  name: NAME,
  section: 8,
  summary: 'delete images that are no longer needed',
  description: [
    `Deletes old images of lpbuildbot-create-image, and what killed runs of it left behind. Of each name the newest stay, as many as its recipe says with "keep" (${defaults.keep} unless it says otherwise, the current one included). An image that builds get, that a container was made from or that is being made is never deleted, and neither is any image that another program made.`,
  ],
  options: {
    keep: value({
      placeholder: 'N',
      about: 'keep this many of each name, the current one included, whatever the recipes say',
      type: z.coerce.number().int().min(1).max(99, `write ${expected.keep}`),
    }),
    dryRun: flag({ about: 'only say what would be deleted' }),
    recipes: defaulted({
      placeholder: 'DIR',
      about: 'where the recipes are',
      type: z.string(),
      byDefault: defaultPlaces.recipes,
      complete: 'directory',
    }),
  },
  operands: none,
  exitCodes: [
    { what: '0', meaning: 'what could be deleted is deleted' },
    { what: '1', meaning: 'an image could not be deleted, or LXD cannot be asked' },
    {
      what: String(RECIPES_WRONG),
      meaning: 'there are mistakes in the recipes and no --keep: nothing was done',
    },
  ],
  examples: [
    { what: `${NAME} --dry-run`, meaning: 'see what would go' },
    { what: `${NAME} --keep 1`, meaning: 'free as much as can be' },
  ],
  files: [{ what: `${defaultPlaces.recipes}/*.yaml`, meaning: 'the recipes, for how many of each are kept' }],
  seeAlso: ['lpbuildbot-create-image(8)', 'lpbuildbot-list-images(8)', 'lpbuildbot-clean-containers(8)'],
  action: async ({ options }, { log, env }) => {
    const { keep, dryRun } = options;
    const recipes = keep === undefined ? await acceptedRecipes(options.recipes) : new Map();
    if (!dryRun && process.geteuid?.() !== 0) throw new Failure(commandWords.needsRoot);
    const keepOf = (name: string): number => keep ?? recipes.get(name)?.keep ?? defaults.keep;
    return await pruneImages(openLxd(env), keepOf, dryRun ? 'only say' : 'delete', log);
  },
});

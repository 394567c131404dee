/** The command lpbuildbot-create-image. */
import * as z from 'zod';
import { defaulted, defineCommand, flag, some, value } from '../command/define.ts';
import { USAGE_ERROR } from '../command/doc.ts';
import { Failure } from '../command/failure.ts';
import { openLxd } from '../lxd/index.ts';
import { acceptedRecipes, duration, RECIPES_WRONG } from './command-parts.ts';
import { createImages, untilSignal } from './create-images.ts';
import { commandWords } from './messages.ts';
import { defaultPlaces } from './places.ts';
import { nearest } from './recipes/problems.ts';

const NAME = 'lpbuildbot-create-image';

export default defineCommand({
  name: NAME,
  section: 8,
  summary: 'make the images that builds run in, from recipes',
  description: [
    `Makes images for lpbuildbot-run as the recipes in ${defaultPlaces.recipes} say. An image whose recipe is unchanged, whose base is the same and which is not too old is left as it is. Images that others stand on are made first.`,
    'An image is made in a container of its own and then tried in a fresh one: it must start, have network, have a working apt if it has apt at all, and pass the smoke tests of its recipe. Only then does its name move to it, in one step. When anything fails, the image that was there stays in use and the log is kept.',
    "Two runs at a time do not get in each other's way: the second waits, and says so.",
    'A run that is ended with SIGTERM or Ctrl-C takes away what it has made so far. What a killed run leaves behind is taken away by the next one.',
  ],
  options: {
    all: flag({ about: 'all images that there are recipes for' }),
    force: flag({ about: 'make the named images even when nothing has changed' }),
    maxAge: value({
      placeholder: 'DURATION',
      about: 'make images anew that are older than this, such as 12h or 7d; the recipes say it otherwise',
      type: duration,
    }),
    recipes: defaulted({
      placeholder: 'DIR',
      about: 'where the recipes are',
      type: z.string(),
      byDefault: defaultPlaces.recipes,
      complete: 'directory',
    }),
  },
  operands: some({
    placeholder: 'NAME',
    about: 'the images to make, by the names of their recipes',
    type: z.string(),
    complete: { linesOf: 'lpbuildbot-list-images --names' },
  }),
  exitCodes: [
    { what: '0', meaning: 'every image that was asked for is there, with nothing left to do' },
    { what: '1', meaning: 'an image could not be made; the one before it stays in use' },
    { what: String(RECIPES_WRONG), meaning: 'there are mistakes in the recipes: nothing was done' },
    { what: '129, 130, 143', meaning: 'ended by SIGHUP, SIGINT, SIGTERM; no image was replaced after that' },
  ],
  examples: [
    { what: `${NAME} --all`, meaning: 'bring all images to where their recipes want them' },
    { what: `${NAME} --force focal`, meaning: 'make one anew, whatever its state' },
  ],
  files: [
    { what: `${defaultPlaces.recipes}/*.yaml`, meaning: 'the recipes' },
    {
      what: `${defaultPlaces.logs}/NAME-TIME.log`,
      meaning: 'what was done for an image; the ten newest are kept',
    },
  ],
  seeAlso: ['lpbuildbot-list-images(8)', 'lpbuildbot-prune-images(8)', 'lpbuildbot-run(1)', 'mmdebstrap(1)'],
  action: async ({ options, operands }, { log, env }) => {
    const usage = (sentence: string) => new Failure(sentence, { exitCode: USAGE_ERROR });
    if (options.all && operands.length > 0) throw usage(commandWords.namesBesideAll);
    if (!options.all && operands.length === 0) throw usage(commandWords.nothingNamed);
    const recipes = await acceptedRecipes(options.recipes);
    const unknown = operands.find((name) => !recipes.has(name));
    if (unknown !== undefined)
      throw usage(commandWords.noSuchImage(unknown, nearest(unknown, recipes.keys()), options.recipes));
    if (recipes.size === 0) {
      log.info(commandWords.noRecipes(options.recipes));
      return 0;
    }
    if (process.geteuid?.() !== 0) throw new Failure(commandWords.needsRoot);
    const { signal, forget } = untilSignal();
    try {
      const { force, maxAge: maxAgeSeconds } = options;
      const wanted = options.all ? [...recipes.keys()] : operands;
      const places = { ...defaultPlaces, recipes: options.recipes };
      return await createImages(
        { recipes, wanted, force, maxAgeSeconds },
        { lxd: openLxd(env), places, log, signal },
      );
    } finally {
      forget();
    }
  },
});

/** The command lpbuildbot-list-images. */
import * as z from 'zod';
import { defaulted, defineCommand, flag, none, value } from '../command/define.ts';
import { openLxd } from '../lxd/index.ts';
import { imageRows, imageTable } from './image-list.ts';
import { imageMetrics } from './image-metrics.ts';
import { listWords } from './messages.ts';
import { writeMetricsFile } from './metrics-file.ts';
import { hostApt, observeImages, recipeHashes } from './observe.ts';
import { defaultPlaces } from './places.ts';
import { loadRecipes } from './recipes/load-recipes.ts';
import { formatMistakes } from './recipes/mistake.ts';

const NAME = 'lpbuildbot-list-images';

export default defineCommand({
  name: NAME,
  section: 8,
  summary: 'show the images that builds run in',
  description: [
    'Shows every image that lpbuildbot-create-image has made and that is still there: when it was made, whether its recipe has changed since, and how many containers were made from it. Recipes that have no image yet are shown as missing.',
    'The state of an image is current (builds get it), old (kept for going back), in the making, left over (of a run that was killed; the next run takes it away) or missing. "Prepared" says that a build in it starts from a copy at once.',
    "With --metrics-file it shows nothing, and tells Prometheus instead, through the textfile collector of node_exporter. The timers of this package do that every quarter of an hour where Debian's package prometheus-node-exporter is installed.",
  ],
  options: {
    json: flag({
      about:
        'as a JSON list of maps with name, state, fingerprint, made, ageSeconds, sizeBytes, recipe, usedBy and prepared',
    }),
    names: flag({ about: 'only the names that there are recipes for, a line each, without asking LXD' }),
    metricsFile: value({
      placeholder: 'FILE',
      about:
        'write what Prometheus is to know of them into this file, whose name ends in .prom, in one step; does nothing when its directory is not there',
      type: z.string(),
      complete: 'file',
    }),
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
    { what: '0', meaning: 'shown' },
    { what: '1', meaning: 'LXD cannot be asked, or the file cannot be written' },
  ],
  examples: [{ what: NAME, meaning: 'see what there is' }],
  files: [{ what: `${defaultPlaces.recipes}/*.yaml`, meaning: 'the recipes' }],
  seeAlso: ['lpbuildbot-create-image(8)', 'lpbuildbot-prune-images(8)', 'lpbuildbot-doctor(8)'],
  action: async ({ options }, { out, log, env }) => {
    const reading = await loadRecipes(options.recipes);
    const recipes = reading.kind === 'accepted' ? reading.recipes : undefined;
    if (reading.kind === 'refused') log.warn(listWords.recipesWrong(formatMistakes(reading.mistakes)));
    if (options.names) {
      for (const name of recipes?.keys() ?? []) out(name);
      return 0;
    }
    const { images } = await observeImages(openLxd(env));
    const hashes = recipes && (await recipeHashes(recipes, await hostApt()));
    const rows = imageRows({ images, hashes, now: Date.now() });
    if (options.metricsFile !== undefined) {
      const written = await writeMetricsFile(options.metricsFile, imageMetrics(rows, recipes));
      if (written === 'no-directory') log.info(listWords.noMetricsDirectory(options.metricsFile));
    } else if (options.json) out(JSON.stringify(rows, null, 2));
    else if (rows.length === 0) log.info(listWords.nothing(options.recipes));
    else out(imageTable(rows));
    return 0;
  },
});

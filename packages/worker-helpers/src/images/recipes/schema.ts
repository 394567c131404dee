/**
 * The shape of a recipe file. What one value means by itself is decided here; what values mean to each other, in
 * `read-recipes.ts`. The messages of the schemas are what mistakes tell people to write.
 */
import * as z from 'zod';
import { expected, inQuotes, recipeWords, type Words } from '../messages.ts';
import { parseDuration } from './duration.ts';

/** The same as the pipeline file's, which names images; LXD's aliases and our log files take it. */
export const namePattern = /^[A-Za-z][A-Za-z0-9._-]{0,69}$/;
export const addressPattern = /^([A-Za-z0-9][A-Za-z0-9.-]*):([A-Za-z0-9][A-Za-z0-9._/-]*)$/;
const wordPattern = /^[a-z0-9][a-z0-9._-]*$/;
/** deb-src-control(5)'s names, with apt-get(8)'s `=version` and `/release`. */
const packagePattern = /^[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?(=[A-Za-z0-9.+:~-]+|\/[a-z0-9.-]+)?$/;
const variablePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;
const modePattern = /^0?[0-7]{3,4}$/;
const ownerPattern = /^[a-z0-9_][a-z0-9_.-]*(:[a-z0-9_][a-z0-9_.-]*)?$/;
/** How the text form of an OpenPGP key begins (RFC 9580, 6.2). */
export const armor = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
const suitePattern = /^[A-Za-z0-9][A-Za-z0-9._/-]*$|^\.?\/$/;

/** Text; a number or a truth value is told to be put in quotes where that would make it right. */
function text(words: string, isRight: (text: string) => boolean) {
  return z
    .string({
      error: ({ input }) =>
        (typeof input === 'number' || typeof input === 'boolean') && isRight(String(input))
          ? inQuotes
          : words,
    })
    .refine(isRight, { error: words });
}

const patterned = (words: string, pattern: RegExp) => text(words, (value) => pattern.test(value));
const filled = (words: string) => text(words, (value) => value.trim() !== '');

/** A map with these keys and no others. The message of an unknown key is the list of the known ones: zod does not tell them. */
function closed<Shape extends z.core.$ZodLooseShape>(shape: Shape, words: string) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : words),
  });
}

function duration(words: string) {
  return text(words, (value) => (parseDuration(value) ?? 0) >= 60).transform(
    (value) => parseDuration(value) ?? Number.NaN,
  );
}

/** A mistake whose `found` is not simply what stands there. */
function refuse(context: z.RefinementCtx, { found, write }: Words, path: string[] = []): void {
  context.addIssue({ code: 'custom', message: write, path, params: { found } });
}

const given = (...values: readonly unknown[]): number => values.filter((value) => value !== undefined).length;

const url = patterned(expected.url, /^(https?|file|copy|cdrom):\S+$/);
const list = <T extends z.ZodType>(item: T, words: string) => z.array(item, { error: words }).optional();

const placedFile = closed(
  {
    path: patterned(expected.path, /^\/.*[^/]$/),
    content: z.string({ error: expected.content }).optional(),
    source: filled(expected.source).optional(),
    mode: patterned(expected.mode, modePattern).optional(),
    owner: patterned(expected.owner, ownerPattern).optional(),
  },
  expected.placedFile,
).superRefine(({ content, source }, context) => {
  if (given(content, source) !== 1) refuse(context, recipeWords.contentOrSource(given(content, source)));
});

const aptSource = closed(
  {
    url,
    suites: list(patterned(expected.suite, suitePattern), expected.suites),
    components: list(patterned(expected.component, /^\S+$/), expected.components),
    key: text(expected.key, (key) => key.trimStart().startsWith(armor)).optional(),
    'key-file': filled(expected.keyFile).optional(),
  },
  expected.aptSource,
).superRefine(({ key, 'key-file': keyFile }, context) => {
  if (given(key, keyFile) > 1) refuse(context, recipeWords.twoKeys(), ['key-file']);
});

const layerShape = {
  environment: z
    .record(z.string(), z.string({ error: expected.variable }), { error: expected.environment })
    .optional(),
  files: list(placedFile, expected.files),
  sources: z.record(z.string(), aptSource, { error: expected.sources }).optional(),
  packages: list(patterned(expected.package, packagePattern), expected.packages),
  commands: list(filled(expected.command), expected.commands),
  smoke: list(filled(expected.command), expected.smoke),
};

const archive = closed(
  {
    suite: patterned(expected.suite, wordPattern),
    mirror: url.optional(),
    components: list(patterned(expected.component, wordPattern), expected.components),
    pockets: list(patterned(expected.pocket, wordPattern), expected.pockets),
    keyring: filled(expected.keyFile).optional(),
    variant: z.enum(['minbase', 'buildd', 'standard'], { error: expected.variant }).optional(),
    architecture: patterned(expected.architecture, wordPattern).optional(),
  },
  expected.archive,
).superRefine(({ mirror, pockets, keyring }, context) => {
  if (mirror !== undefined) return;
  if (pockets !== undefined) refuse(context, recipeWords.needsMirror('pockets'), ['pockets']);
  if (keyring !== undefined) refuse(context, recipeWords.needsMirror('keyring'), ['keyring']);
});

const base = z.union(
  [
    text(expected.base, (value) => addressPattern.test(value) || namePattern.test(value)),
    closed(
      {
        alias: patterned(expected.alias, /^[^\s:]+$/).optional(),
        rootfs: filled(expected.rootfs).optional(),
        archive: z
          .union(
            [
              patterned(expected.suite, wordPattern).transform(
                (suite): z.input<typeof archive> => ({ suite }),
              ),
              archive,
            ],
            { error: expected.archive },
          )
          .optional(),
      },
      expected.base,
    ).superRefine(({ alias, rootfs, archive }, context) => {
      if (given(alias, rootfs, archive) !== 1)
        refuse(context, recipeWords.oneBase(given(alias, rootfs, archive)));
    }),
  ],
  { error: expected.base },
);

export const imageSchema = closed(
  {
    base,
    flavor: patterned(expected.name, namePattern).optional(),
    description: filled(expected.description).optional(),
    upgrade: z.boolean({ error: expected.truth }).optional(),
    'max-age': duration(expected.maxAge).optional(),
    keep: z.int({ error: expected.keep }).min(1, expected.keep).max(99, expected.keep).optional(),
    ...layerShape,
  },
  expected.image,
);

export const flavorSchema = closed(layerShape, expected.flavor);

export const fileSchema = closed(
  {
    images: z.record(z.string(), imageSchema, { error: expected.images }).optional(),
    flavors: z.record(z.string(), flavorSchema, { error: expected.flavors }).optional(),
    remotes: z
      .record(z.string(), patterned(expected.remote, /^https?:\/\/\S+$/), { error: expected.remotes })
      .optional(),
  },
  expected.file,
);

export type ImageValue = z.output<typeof imageSchema>;
export type LayerValue = z.output<typeof flavorSchema>;
export type AptSourceValue = z.output<typeof aptSource>;
export type PlacedFileValue = z.output<typeof placedFile>;

export const isVariableName = (name: string): boolean => variablePattern.test(name);

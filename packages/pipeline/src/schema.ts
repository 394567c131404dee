/**
 * The shape of a pipeline file, once, for reading and for the JSON Schema that editors use. What one value means by
 * itself is decided here; what values mean to each other is decided in `rules.ts`. The messages of the schemas are what
 * mistakes tell people to write.
 */
import * as z from 'zod';
import { addressFlaw } from './address.ts';
import { isBranchName } from './brands.ts';
import { durationPattern, parseDuration } from './duration.ts';
import { mailAddressPattern } from './mail-address.ts';
import { badAddress, expected, inQuotes } from './messages.ts';
import { namePattern } from './name-pattern.ts';
import { parseSchedule } from './schedule.ts';
import { stepNamePattern } from './step-name.ts';

/** Buildbot: `types.Identifier(70)` for projects, and the name goes into those of schedulers, which have no dots. */
const projectNamePattern = /^[A-Za-z][A-Za-z0-9_-]{0,69}$/;
const imageAddressPattern = /^[A-Za-z0-9][A-Za-z0-9.-]*:[A-Za-z0-9][A-Za-z0-9._/-]*$/;
const channelPattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;

const day = 86_400;

/** Text; a number or a truth value is told to be put in quotes where that would make it right. */
function text(words: string, isRight: (text: string) => boolean = () => false) {
  return z.string({
    error: ({ input }) =>
      (typeof input === 'number' || typeof input === 'boolean') && isRight(String(input)) ? inQuotes : words,
  });
}

function patterned(words: string, pattern: RegExp) {
  return text(words, (value) => pattern.test(value)).regex(pattern, { error: words });
}

/**
 * A map with these keys and no others. The message of an unknown key is the list of the known ones, since zod does not
 * tell them.
 */
function closed<Shape extends z.core.$ZodLooseShape>(shape: Shape, words: string) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : words),
  });
}

function named<Value extends z.ZodType>(pattern: RegExp, value: Value, words: string) {
  // Names are judged in rules.ts: zod would not look into the value behind a bad one.
  return z.record(z.string().meta({ pattern: pattern.source }), value, { error: words });
}

/** In seconds. */
function duration(words: string, most: number) {
  return text(words)
    .regex(durationPattern, { error: words })
    .transform((value) => parseDuration(value) ?? Number.NaN)
    .refine((seconds) => seconds >= 1 && seconds <= most, { error: words });
}

const branch = text(expected.branch, isUsableBranch)
  .refine(isUsableBranch, { error: expected.branch })
  .brand('Branch');

function isUsableBranch(name: string): boolean {
  return isBranchName(name) && name.length <= 200 && !name.startsWith('refs/');
}

const address = text(expected.address).superRefine((value, context) => {
  const flaw = addressFlaw(value);
  if (flaw === undefined) return;
  const { found, write } = badAddress(flaw);
  context.addIssue({ code: 'custom', message: write, params: { because: found } });
});

const image = closed(
  {
    base: text(expected.base)
      .refine((base) => imageAddressPattern.test(base) || namePattern.test(base), { error: expected.base })
      .describe(
        'The image it is made from: one of an LXD server, such as `ubuntu:24.04`, or another one of this file.',
      ),
    flavor: patterned(expected.name, namePattern)
      .optional()
      .describe('What is added to the base, by the name of a recipe on the workers.'),
  },
  expected.image,
);

const stepMap = closed(
  {
    run: text(expected.run)
      .refine((run) => run.trim() !== '', { error: expected.run })
      .describe('The command line, for `/bin/sh -c`.'),
    name: patterned(expected.stepName, stepNamePattern)
      .optional()
      .describe('What the step is called on pages and in messages. Default: the beginning of the command.'),
    timeout: duration(expected.timeout, 30 * day)
      .optional()
      .describe(
        'The longest time it may take, such as `2h`. Default: any, but at most 20 minutes without output.',
      ),
  },
  expected.step,
);

const step = z.union(
  [
    z
      .string()
      .refine((run) => run.trim() !== '', { error: expected.run })
      .transform((run) => ({ run, name: undefined, timeout: undefined })),
    stepMap,
  ],
  { error: expected.step },
);

const builder = closed(
  {
    branch: branch.describe('The branch that it builds.'),
    image: text(expected.imageName)
      .optional()
      .describe('The image whose fresh container the steps run in. Either this or `host`.'),
    host: z
      .literal(true, { error: expected.host })
      .optional()
      .describe('`true`: the steps run on the worker itself, with its own rights. Either this or `image`.'),
    steps: z
      .array(step, { error: expected.steps })
      .min(1, { error: expected.steps })
      .describe('What a build does, in order. The first step that fails ends the build.'),
  },
  expected.builder,
).meta({ oneOf: [{ required: ['image'] }, { required: ['host'] }] });

const promotion = closed(
  {
    from: branch.describe('The development branch.'),
    to: branch.describe(
      'The branch that follows it, at the newest revision whose required builders are all green.',
    ),
    requires: z
      .array(text(expected.builderName), { error: expected.requires })
      .min(1, { error: expected.requires })
      .optional()
      .describe('The builders of `from` that must be green. Default: all of them.'),
  },
  expected.promotion,
);

const merge = closed(
  {
    from: branch.describe('The branch to merge.'),
    into: branch.describe('The branch that gets the merge commit.'),
    schedule: text(expected.schedule)
      .transform((value, context) => {
        const schedule = parseSchedule(value);
        if (schedule !== undefined) return schedule;
        context.addIssue({ code: 'custom', message: expected.schedule });
        return z.NEVER;
      })
      .optional()
      .meta({
        description:
          'When: `promotion` (right after `from` was promoted), `manual` (when an operator says so), or five cron fields in UTC.',
        default: 'promotion',
      }),
  },
  expected.merge,
);

const notify = closed(
  {
    mattermost: closed(
      {
        channel: patterned(expected.channel, channelPattern).describe('The channel, as its address has it.'),
        builds: z.enum(['changes', 'all'], { error: expected.builds }).optional().meta({
          description:
            'Which finished builds are told: `changes` (those after which a builder is red that was not, or is no longer) or `all`.',
          default: 'changes',
        }),
        stuck: duration(expected.stuck, 30 * day)
          .optional()
          .meta({
            description: 'After how long a branch that waits is told.',
            default: '4h',
          }),
      },
      expected.mattermost,
    )
      .optional()
      .describe('Where news go in Mattermost.'),
    mail: closed(
      {
        to: z
          .array(patterned(expected.mailAddress, mailAddressPattern), { error: expected.mailTo })
          .min(1, { error: expected.mailTo })
          .max(50, { error: expected.mailTo })
          .describe('The addresses.'),
      },
      expected.mail,
    )
      .optional()
      .describe('Who gets mail when a merge conflicts, and when that is over.'),
  },
  expected.notify,
);

export const fileSchema = closed(
  {
    project: patterned(expected.projectName, projectNamePattern).describe('The name of the project.'),
    repository: address.describe('Where commits are read from.'),
    push: address.optional().describe('Where branches are moved. Default: `repository`.'),
    poll: duration(expected.poll, day)
      .optional()
      .meta({ description: 'How often to look for new commits.', default: '30s' }),
    images: named(namePattern, image, expected.images).optional().describe('What builds run in, by name.'),
    builders: named(namePattern, builder, expected.builders)
      .refine((builders) => Object.keys(builders).length > 0, { error: expected.builders })
      .describe('What tests the branches, by name.')
      .meta({ minProperties: 1 }),
    promotions: z
      .array(promotion, { error: expected.promotions })
      .optional()
      .describe('Which branches follow which, revision by tested revision.'),
    merges: z
      .array(merge, { error: expected.merges })
      .optional()
      .describe('Which branches are merged into which.'),
    testfix: z.boolean({ error: expected.testfix }).optional().meta({
      description: 'Whether, while a branch is red, only changes whose message has `[testfix]` start builds.',
      default: false,
    }),
    notify: notify.optional().describe('Who is told.'),
  },
  expected.file,
);

/** What a file says, checked value by value, with times in seconds and schedules read. */
export type FileValue = z.output<typeof fileSchema>;

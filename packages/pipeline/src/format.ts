/** The canonical text of a pipeline: reading it again gives the same value. */
import { Document, type Node } from 'yaml';
import { printDuration } from './duration.ts';
import type { Builder, Notify, Pipeline, Step } from './model.ts';
import { defaults } from './resolve.ts';
import { printSchedule } from './schedule.ts';
import { stepNames } from './step-name.ts';

/** YAML with every value that differs from its default, the keys in the order of the documentation. */
export function formatPipeline(pipeline: Pipeline): string {
  const { project, repository, push, pollSeconds, images, builders, promotions, merges, testfix, notify } =
    pipeline;
  const document = new Document();
  const inline = (value: unknown): Node => document.createNode(value, { flow: true });
  const list = <Item>(items: readonly Item[], print: (item: Item) => unknown) =>
    items.length === 0 ? undefined : items.map((item) => inline(print(item)));
  document.contents = document.createNode(
    withoutUndefined({
      project,
      repository,
      push: push === repository ? undefined : push,
      poll: pollSeconds === defaults.pollSeconds ? undefined : printDuration(pollSeconds),
      images:
        images.length === 0
          ? undefined
          : Object.fromEntries(images.map(({ name, ...image }) => [name, inline(image)])),
      builders: Object.fromEntries(builders.map((builder) => [builder.name, builderText(builder)])),
      promotions: list(promotions, ({ from, to, requires }) =>
        withoutUndefined({ from, to, requires: isDefault(requires, from, builders) ? undefined : requires }),
      ),
      merges: list(merges, ({ from, into, schedule }) => ({ from, into, schedule: printSchedule(schedule) })),
      testfix: testfix === defaults.testfix ? undefined : testfix,
      notify: notifyText(notify),
    }),
  );
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function notifyText({ mattermost, mail }: Notify): object | undefined {
  if (mattermost === undefined && mail === undefined) return undefined;
  if (mattermost === undefined) return { mail };
  const { channel, builds, stuckSeconds } = mattermost;
  return withoutUndefined({
    mattermost: withoutUndefined({
      channel,
      builds: builds === defaults.builds ? undefined : builds,
      stuck: stuckSeconds === defaults.stuckSeconds ? undefined : printDuration(stuckSeconds),
    }),
    mail,
  });
}

function builderText({ branch, runs, steps }: Builder): object {
  const givenNames = namesToWrite(steps);
  return {
    branch,
    ...(runs.on === 'image' ? { image: runs.image } : { host: true }),
    steps: steps.map((step, index) => stepText(step, givenNames[index])),
  };
}

/** Only those that reading would not find by itself. */
function namesToWrite(steps: readonly Step[]): (string | undefined)[] {
  const derived = stepNames(steps.map(({ run }) => ({ run })));
  const written = steps.map(({ name }, index) => (name === derived[index] ? undefined : name));
  // A written name can take the one that another step would get.
  const again = stepNames(steps.map(({ run }, index) => ({ run, name: written[index] })));
  return steps.every(({ name }, index) => name === again[index]) ? written : steps.map(({ name }) => name);
}

function stepText({ run, timeoutSeconds }: Step, name: string | undefined): unknown {
  if (name === undefined && timeoutSeconds === undefined) return run;
  const timeout = timeoutSeconds === undefined ? undefined : printDuration(timeoutSeconds);
  return withoutUndefined({ name, run, timeout });
}

function isDefault(requires: readonly string[], from: string, builders: readonly Builder[]): boolean {
  const all = builders.filter(({ branch }) => branch === from);
  return all.length === requires.length && all.every(({ name }, index) => name === requires[index]);
}

function withoutUndefined(map: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined));
}

/** From what a file says to what it means: every default filled in. */
import type { Notify, Pipeline, Step } from './model.ts';
import type { FileValue } from './schema.ts';
import { stepNames } from './step-name.ts';

export const defaults = {
  pollSeconds: 30,
  testfix: false,
  schedule: { kind: 'promotion' },
  builds: 'changes',
  stuckSeconds: 4 * 3600,
} as const;

/** Takes only what all rules accept. */
export function resolve(file: string, value: FileValue): Pipeline {
  const builders = Object.entries(value.builders);
  return {
    file,
    project: value.project,
    repository: value.repository,
    push: value.push ?? value.repository,
    pollSeconds: value.poll ?? defaults.pollSeconds,
    images: Object.entries(value.images ?? {}).map(([name, { base, flavor }]) => ({
      name,
      base,
      ...(flavor === undefined ? {} : { flavor }),
    })),
    builders: builders.map(([name, { branch, image, steps }]) => ({
      name,
      branch,
      runs: image === undefined ? { on: 'host' } : { on: 'image', image },
      steps: resolveSteps(steps),
    })),
    promotions: (value.promotions ?? []).map(({ from, to, requires }) => ({
      from,
      to,
      requires: requires ?? builders.flatMap(([name, { branch }]) => (branch === from ? [name] : [])),
    })),
    merges: (value.merges ?? []).map(({ from, into, schedule }) => ({
      from,
      into,
      schedule: schedule ?? defaults.schedule,
    })),
    testfix: value.testfix ?? defaults.testfix,
    notify: resolveNotify(value.notify ?? {}),
  };
}

function resolveNotify({ mattermost, mail }: NonNullable<FileValue['notify']>): Notify {
  return {
    ...(mattermost && {
      mattermost: {
        channel: mattermost.channel,
        builds: mattermost.builds ?? defaults.builds,
        stuckSeconds: mattermost.stuck ?? defaults.stuckSeconds,
      },
    }),
    ...(mail && { mail }),
  };
}

function resolveSteps(steps: FileValue['builders'][string]['steps']): Step[] {
  const names = stepNames(steps);
  return steps.map(({ run, timeout }, index) => ({
    name: names[index] ?? run,
    run,
    ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
  }));
}

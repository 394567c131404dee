/** What accepted pipelines say, for people who have just written them. */
import { printDuration } from './duration.ts';
import type { Builder, Merge, Pipeline, Promotion } from './model.ts';

export function summarize(pipelines: readonly Pipeline[]): string {
  return pipelines.map(summary).join('\n');
}

function summary(pipeline: Pipeline): string {
  const { file, project, repository, push, pollSeconds, builders, promotions, merges, testfix } = pipeline;
  return [
    `${project} (${file})`,
    `  reads ${repository} every ${printDuration(pollSeconds)}${testfix ? ', with testfix' : ''}`,
    ...(push === repository ? [] : [`  pushes to ${push}`]),
    ...section('builders', builders.map(builderLine)),
    ...section('promotions', promotions.map(promotionLine)),
    ...section('merges', merges.map(mergeLine)),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`  ${title}`, ...lines.map((line) => `    ${line}`)];
}

function builderLine({ name, branch, runs, steps }: Builder): string {
  const place = runs.on === 'image' ? `in ${runs.image}` : 'on the worker itself';
  return `${name}: ${branch}, ${place}, ${steps.length === 1 ? '1 step' : `${steps.length} steps`}`;
}

function promotionLine({ from, to, requires }: Promotion): string {
  return `${from} -> ${to}, when green: ${requires.join(', ')}`;
}

function mergeLine({ from, into, schedule }: Merge): string {
  const when = {
    cron: schedule.kind === 'cron' ? `at ${schedule.expression} (UTC)` : '',
    promotion: `whenever ${from} moved`,
    manual: 'when an operator says so',
  };
  return `${from} -> ${into}, ${when[schedule.kind]}`;
}

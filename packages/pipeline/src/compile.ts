/** From accepted pipelines to the JSON that Buildbot's master.cfg loads. */
import type { Compiled } from './compiled.ts';
import type { Builder, Pipeline } from './model.ts';

/** Takes the pipelines of one reading: what `readPipelines` accepts together, Buildbot loads together. */
export function compile(pipelines: readonly Pipeline[]): Compiled {
  return {
    format: 1,
    projects: pipelines.map(({ project, repository, push, pollSeconds, testfix, builders }) => ({
      name: project,
      repository,
      push,
      pollSeconds,
      testfix,
      builders: builders.map(compileBuilder),
    })),
  };
}

function compileBuilder({
  name,
  branch,
  runs,
  steps,
}: Builder): Compiled['projects'][number]['builders'][number] {
  const image = runs.on === 'image' ? runs.image : null;
  // In a container the shell runs inside, so that all of the command line does.
  const container = image === null ? [] : ['lpbuildbot-run', '--image', image, '--bind', '.', '--'];
  return {
    name,
    branch,
    image,
    steps: steps.map((step) => ({
      name: step.name,
      command: [...container, '/bin/sh', '-c', step.run],
      timeoutSeconds: step.timeoutSeconds ?? null,
    })),
  };
}

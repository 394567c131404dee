/** Feeds the demo's story into its repository, scene by scene, each once the one before has had its effect. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BuildbotView } from './buildbot-view.ts';
import { anotherDay, type Scene, story, type Wait } from './demo-project.ts';
import type { DemoRepository } from './demo-repository.ts';

export interface World {
  readonly repository: DemoRepository;
  readonly buildbot: BuildbotView;
  /** Whether promotion says that stable does not merge into db-devel. */
  readonly hasConflict: () => Promise<boolean>;
  readonly onPush: (branch: string, revision: string, subject: string) => void;
  readonly onWait: (wait: Wait) => void;
  readonly signal: AbortSignal;
}

/**
 * Tells what is left of the story: all of it at first, its rest after an interruption, and one more day once it is over.
 * Resolves when the last scene has had its effect; rejects when the signal says so.
 */
export async function tellStory(world: World): Promise<void> {
  const done = await world.repository.steps();
  const days = [...done.keys()].filter((step) => step.startsWith('day-')).length;
  const rest = story.filter((scene) => !done.has(scene.push.step));
  const last = story.findLast((scene) => done.has(scene.push.step));
  // What was pushed before an interruption may not have had its effect yet.
  if (rest.length > 0 && last !== undefined) await waitFor(last, world);
  for (const scene of rest.length > 0 ? rest : [anotherDay(days + 1)]) {
    const { push } = scene;
    const revision = await world.repository.push(push);
    world.onPush(push.branch, revision, push.subject);
    await waitFor(scene, world);
  }
}

async function waitFor(scene: Scene, world: World): Promise<void> {
  const steps = await world.repository.steps();
  for (const wait of scene.until) {
    while (!(await holds(wait, steps, world))) await sleep(200, undefined, { signal: world.signal });
    world.onWait(wait);
  }
}

async function holds(wait: Wait, steps: ReadonlyMap<string, string>, world: World): Promise<boolean> {
  if (wait.kind === 'conflict') return await world.hasConflict();
  const revision = steps.get(wait.step);
  if (revision === undefined) return false;
  switch (wait.kind) {
    case 'has':
      return await world.repository.has(wait.branch, revision);
    case 'built':
      return await world.buildbot.hasBuilt(revision);
    case 'noticed':
      return await world.buildbot.hasNoticed(revision);
  }
}

/**
 * The charm: every hook looks at everything, does what is to be done, looks again, and says how it is. Events only say "look again
 * now"; a lost one costs time.
 */
import {
  applicationVersionSet,
  type Charm,
  type Juju,
  jujuLog,
  setDatabag,
  statusSet,
} from '@lpbuildbot/juju';
import { workerDatabag } from '@lpbuildbot/pipeline/worker-relation';
import * as z from 'zod';
import { actionsOf } from './actions.ts';
import { take } from './apply.ts';
import { type Inputs, observe, readWishes, type Wishes } from './inputs.ts';
import type { Machine } from './machine.ts';
import { note } from './memory.ts';
import { announcement } from './messages.ts';
import { plan, type Step } from './plan.ts';
import { type Problem, report } from './report.ts';

export function workerCharm(machine: Machine): Charm {
  return {
    hook: async (juju) => {
      await reconcile(juju, machine, await readWishes(juju.run, juju.context, machine));
    },
    actions: actionsOf(machine, async (juju, wishes) => await reconcile(juju, machine, wishes)),
  };
}

async function reconcile(juju: Juju, machine: Machine, wishes: Wishes): Promise<Inputs> {
  const { inputs, problems } = await converge(juju, machine, wishes);
  if (wishes.phase === 'removing') {
    // Nobody comes after this hook: Juju runs it again until everything is gone.
    const [first] = problems;
    if (first !== undefined) throw new Error(first.sentence);
    return inputs;
  }
  for (const { sentence } of problems) await jujuLog(juju.run, 'WARNING', sentence);
  await tellJuju(juju, machine, inputs, problems);
  return inputs;
}

/** Takes steps until there are none left. Each kind is taken once: one that did not help would not help again. */
async function converge(
  { run, context }: Juju,
  machine: Machine,
  wishes: Wishes,
): Promise<{ readonly inputs: Inputs; readonly problems: readonly Problem[] }> {
  const tell = async (message: string): Promise<void> => {
    await statusSet(run, { status: 'maintenance', message });
  };
  const taken = new Set<Step['kind']>();
  const problems: Problem[] = [];
  for (;;) {
    const inputs = await observe(wishes, machine);
    const todo = plan(inputs).filter(({ kind }) => !taken.has(kind));
    if (todo.length === 0) return { inputs, problems };
    for (const step of todo) {
      taken.add(step.kind);
      const sentence = announcement(step);
      if (sentence !== undefined) await tell(sentence);
      const outcome = await take(step, {
        machine,
        unit: context.unit,
        charmDirectory: context.charmDirectory,
        architecture: inputs.facts.architecture,
        tell,
      });
      if (outcome !== 'done') problems.push(outcome);
    }
    if (wishes.phase === 'removing') return { inputs, problems };
  }
}

async function tellJuju(
  { run, context }: Juju,
  machine: Machine,
  inputs: Inputs,
  problems: readonly Problem[],
): Promise<void> {
  const { status, offer } = report(inputs, problems);
  if (offer !== undefined && inputs.master.kind !== 'none') {
    const owner = { kind: 'unit', unit: context.unit } as const;
    await setDatabag(run, inputs.master.relation, owner, z.encode(workerDatabag, offer));
  }
  const { helpers } = inputs.facts;
  if (helpers !== undefined && inputs.facts.memory.told !== helpers) {
    await applicationVersionSet(run, helpers);
    await note(machine, { told: helpers });
  }
  await statusSet(run, status);
}

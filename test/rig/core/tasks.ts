/** Actions and `juju exec`: what is refused before the unit hears of it, and the queue. Sentences as recorded on Juju 4.0.14. */
import {
  applicationOf,
  type PackedCharm,
  Refused,
  type Task,
  type TaskResult,
  unitOf,
  type World,
} from './world.ts';

export type Parameters = Readonly<Record<string, string | number | boolean>>;

/** Queues an action; one that Juju refuses is done at once, and never reaches the unit (fact 16). */
export function runAction(world: World, unit: string, action: string, parameters: Parameters): Task {
  const { charm } = applicationOf(world, unitOf(world, unit).application);
  const declared = charm.charmcraft.actions[action];
  if (declared === undefined) {
    throw new Refused(`action "${action}" not defined for unit "${unit}". (not found)`);
  }
  const problems = problemsOf(declared, parameters);
  const task = addTask(world, unit, { action, parameters, command: undefined });
  if (problems.length > 0) {
    task.state = 'done';
    task.result = {
      status: 'error',
      message: `cannot run "${action}" action: validation failed: ${problems.join('; ')}`,
      results: {},
    };
  }
  return task;
}

type Declared = PackedCharm['charmcraft']['actions'][string];

function problemsOf({ params, required, additionalProperties }: Declared, parameters: Parameters): string[] {
  const all = JSON.stringify(Object.fromEntries(Object.entries(parameters).toSorted(byKey)));
  return [
    ...required
      .filter((name) => !(name in parameters))
      .map((name) => `(root) : "${name}" property is missing and required, given ${all}`),
    ...Object.entries(parameters).flatMap(([name, value]) => {
      const rule = params[name];
      if (rule !== undefined) return problemOf(name, value, rule);
      return additionalProperties
        ? []
        : [`(root) : additional property "${name}" is not allowed, given ${all}`];
    }),
  ];
}

function byKey([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1;
}

function problemOf(name: string, value: Parameters[string], rule: Declared['params'][string]): string[] {
  const { type, enum: choices, minimum } = rule;
  const given = JSON.stringify(value);
  if (!fits(type, value)) return [`(root).${name} : must be of type ${type}, given ${given}`];
  if (choices !== undefined && !choices.includes(value)) {
    return [`(root).${name} : must match one of the enum values ${JSON.stringify(choices)}, given ${given}`];
  }
  if (minimum !== undefined && Number(value) < minimum) {
    return [`(root).${name} : must be greater than ${minimum}, given "${value}"`];
  }
  return [];
}

/** A list or a mapping arrives as text, which a schema that asks for one refuses. */
function fits(type: string | undefined, value: string | number | boolean): boolean {
  switch (type) {
    case undefined:
      return true;
    case 'integer':
      return Number.isInteger(value);
    default:
      return type === typeof value;
  }
}

/** `juju exec --unit`: takes its turn as an action does. */
export function runCommand(world: World, unit: string, command: string): Task {
  unitOf(world, unit);
  const parameters = { command, timeout: 300_000_000_000 };
  return addTask(world, unit, { action: 'juju-exec', parameters, command });
}

function addTask(world: World, unit: string, what: Pick<Task, 'action' | 'parameters' | 'command'>): Task {
  const id = String(world.next.task++);
  const task: Task = { id, unit, ...what, state: 'pending', log: [], result: undefined };
  world.tasks.set(id, task);
  return task;
}

/** What became of it, or of the unit that should have run it. */
export function resultOf(world: World, task: Task): TaskResult | undefined {
  if (task.state === 'done') return task.result;
  return world.units.has(task.unit) ? undefined : { status: 'failed', message: 'unit removed', results: {} };
}

/** `juju run` and `juju exec`: what they print and how they end is held against recordings of a real Juju 4.0.14. */
import { setTimeout as sleep } from 'node:timers/promises';
import { resultOf, runAction, runCommand } from '../core/tasks.ts';
import { applicationOf, Refused, type Task, unitOf, unitsOf, type World } from '../core/world.ts';
import { isKey, parametersOf } from './action-parameters.ts';
import { plain, printed, type Results, type TaskShown } from './action-text.ts';
import { type Caller, Failure } from './console.ts';
import type { CommandLine } from './flags.ts';
import { goJson, goTime, goYaml, sorted } from './go-text.ts';
import { type Command, formatOf, formatOptions, inform, type Session } from './session.ts';

const shared = {
  ...formatOptions,
  background: { not: 'switch' },
  wait: 'value',
  'no-color': 'switch',
  color: { not: 'switch' },
  utc: 'switch',
} as const;

const usualWait = 60_000;
const pollMilliseconds = 20;

/** One task of an operation, as it is printed. */
interface Followed {
  readonly task: Task;
  readonly enqueued: number;
  started: number | undefined;
  /** When each line of its log was seen. */
  readonly seen: number[];
}

export const run: Command = {
  about: 'the model',
  options: { ...shared, params: 'value', 'string-args': 'switch' },
  async run(session, line, caller) {
    const format = formatOf(line, 'plain', ['json', 'yaml']);
    const { units, action, rest } = actionWords(line.words);
    const wait = waitOf(line);
    const parameters = await parametersOf(line, caller, rest);
    const { world } = session.ground;
    const operation = world.next.task++;
    const scheduled = units.map((word) => {
      try {
        const unit = leaderOf(world, word);
        if (!world.units.has(unit)) {
          return `linking task to unit: getting unit UUID for "${unit}": unit "${unit}" not found`;
        }
        return {
          task: runAction(world, unit, action, parameters),
          enqueued: Date.now(),
          started: undefined,
          seen: [],
        };
      } catch (error) {
        if (error instanceof Refused && units.length > 1) return error.message;
        throw error;
      }
    });
    const refused = scheduled.filter((each) => typeof each === 'string');
    const tasks: Followed[] = scheduled.filter((each) => typeof each !== 'string');
    announce(line, caller, operation, tasks);
    if (tasks.length === 0) {
      inform(line, caller, `Operation ${operation} failed to schedule any tasks:\n${refused.join('\n')}`);
      if (format === 'json') caller.out('{}\n');
      return;
    }
    if (refused.length > 0)
      inform(line, caller, `Some actions could not be scheduled:\n${refused.join('\n')}\n`);
    const results = await follow(session, line, caller, tasks, wait);
    if (format === 'plain') caller.out(plain(results));
    else caller.out(format === 'json' ? goJson(sorted(results)) : goYaml(sorted(results)));
    complain(results);
  },
};

function actionWords(words: readonly string[]): {
  readonly units: readonly string[];
  readonly action: string;
  readonly rest: readonly string[];
} {
  const isReceiver = (word: string): boolean => /^[a-z][a-z0-9-]*\/(?:\d+|leader)$/.test(word);
  const count = words.findIndex((word) => !isReceiver(word));
  const units = count < 0 ? words : words.slice(0, count);
  const action = count < 0 ? undefined : words[count];
  if (action !== undefined && !isKey(action)) throw new Failure(`invalid unit or action name "${action}"`, 2);
  if (units.length === 0) throw new Failure('no unit specified', 2);
  if (action === undefined) throw new Failure('no action specified', 2);
  if (new Set(units.map((unit) => unit.split('/')[0])).size > 1) {
    throw new Failure('all units must be of the same application', 2);
  }
  return { units, action, rest: words.slice(count + 1) };
}

/** `2m`, `30s`, `1h30m`; without it, a minute. */
function waitOf(line: CommandLine): number {
  const text = line.text('wait');
  if (text === undefined) return usualWait;
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smh])/g)];
  if (parts.map(([part]) => part).join('') !== text) {
    throw new Failure(`invalid value "${text}" for option --wait: time: invalid duration "${text}"`, 2);
  }
  return parts.reduce((sum, [, amount, unit = 's']) => sum + Number(amount) * (units[unit] ?? 0), 0);
}

function leaderOf(world: World, word: string): string {
  const [name = '', number] = word.split('/');
  if (number !== 'leader') return word;
  const { leader } = applicationOf(world, name);
  if (leader === undefined) throw new Failure(`could not determine leader for "${name}"`);
  return leader;
}

function announce(line: CommandLine, caller: Caller, operation: number, tasks: readonly Followed[]): void {
  if (tasks.length > 0) {
    inform(
      line,
      caller,
      `Running operation ${operation} with ${tasks.length} task${tasks.length > 1 ? 's' : ''}`,
    );
  }
  for (const { task } of tasks) {
    inform(line, caller, `  - task ${task.id} on unit-${task.unit.replace('/', '-')}`);
  }
  inform(line, caller, '');
}

async function follow(
  session: Session,
  line: CommandLine,
  caller: Caller,
  tasks: readonly Followed[],
  wait: number,
  how: 'told' | 'silent' = 'told',
): Promise<Results> {
  const deadline = Date.now() + wait;
  const shown: Record<string, TaskShown> = {};
  const missing = new Set(tasks.map(({ task }) => task.unit));
  for (const followed of tasks) {
    if (how === 'told') inform(line, caller, `Waiting for task ${followed.task.id}...`);
    const told = await ended(session, followed, deadline, (text) => {
      if (how === 'told' && tasks.length === 1) inform(line, caller, text);
    });
    if (told === 'late') {
      throw new Failure(
        `timed out waiting for results from: ${[...missing].map((unit) => `unit ${unit}`).join(', ')}`,
      );
    }
    missing.delete(followed.task.unit);
    if (how === 'told' && tasks.length === 1 && followed.task.log.length > 0) inform(line, caller, '');
    shown[followed.task.unit] = taskShown(session.ground.world, followed);
  }
  return shown;
}

/** Waits for one task, and tells its log meanwhile. */
async function ended(
  { ground }: Session,
  followed: Followed,
  deadline: number,
  tell: (text: string) => void,
): Promise<'ended' | 'late'> {
  const { task, seen } = followed;
  for (;;) {
    ground.check();
    if (task.state !== 'pending') followed.started ??= Date.now();
    for (const message of task.log.slice(seen.length)) {
      seen.push(Date.now());
      tell(`${new Date().toISOString().slice(11, 19)} ${message}`);
    }
    if (resultOf(ground.world, task) !== undefined) return 'ended';
    if (Date.now() > deadline) return 'late';
    await sleep(pollMilliseconds);
  }
}

function taskShown(world: World, { task, enqueued, started, seen }: Followed): TaskShown {
  const { status, message, results } = resultOf(world, task) ?? {
    status: 'failed',
    message: '',
    results: {},
  };
  return {
    id: task.id,
    status,
    unit: task.unit,
    ...(message !== '' && { message }),
    ...(Object.keys(results).length > 0 && { results }),
    ...(task.log.length > 0 && {
      log: task.log.map((message, index) => `${goTime(seen[index] ?? enqueued)} ${message}`),
    }),
    timing: {
      enqueued: goTime(enqueued),
      ...(status !== 'error' && started !== undefined && { started: goTime(started) }),
    },
  };
}

/** It ends with 1 only when a task's own exit code is above 0 (fact 16). */
function complain(results: Results): void {
  const failed = Object.values(results).filter(({ results: own }) => Number(own?.['return-code'] ?? 0) > 0);
  if (failed.length === 0) return;
  const s = failed.length > 1 ? 's' : '';
  const list = failed
    .map(({ id, results: own }) => ` - id "${id}" with return code ${own?.['return-code']}`)
    .toSorted();
  throw new Failure(
    `the following task${s} failed:\n${list.join('\n')}\n\nuse 'juju show-task' to inspect the failure${s}\n`,
  );
}

export const exec: Command = {
  about: 'the model',
  options: {
    ...shared,
    all: { not: 'switch' },
    machine: { not: 'value' },
    parallel: 'switch',
    'execution-group': { not: 'value' },
    application: 'value',
    app: { same: 'application' },
    a: { same: 'application' },
    unit: 'value',
    u: { same: 'unit' },
  },
  async run(session, line, caller) {
    const format = formatOf(line, 'plain', ['json', 'yaml']);
    const { world } = session.ground;
    if (line.words.length === 0) throw new Failure('no commands specified', 2);
    const named = (name: string): string[] => line.text(name)?.split(',') ?? [];
    const units = [
      ...named('unit').map((word) => leaderOf(world, word)),
      ...named('application').flatMap((name) => {
        applicationOf(world, name);
        return unitsOf(world, name).map((unit) => unit.name);
      }),
    ];
    if (units.length === 0) {
      throw new Failure(
        'You must specify a target, either through --all, --machine, --application or --unit',
        2,
      );
    }
    for (const unit of units) unitOf(world, unit);
    const command = line.words.length === 1 ? (line.words[0] ?? '') : line.words.map(shellWord).join(' ');
    world.next.task += 1;
    const tasks = [...new Set(units)].map((unit) => ({
      task: runCommand(world, unit, command),
      enqueued: Date.now(),
      started: undefined,
      seen: [],
    }));
    const results = await follow(session, line, caller, tasks, waitOf(line), 'silent');
    if (format === 'plain') caller.out(printed(results));
    else caller.out(format === 'json' ? goJson(sorted(results)) : goYaml(sorted(results)));
    complain(results);
  },
};

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\"'\"'")}'`;
}

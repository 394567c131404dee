/** What the commands work on: the rig, and what the client remembers between its calls. */
import type { FullStatus } from '../core/status-shape.ts';
import type { Unit, World } from '../core/world.ts';
import { type Caller, Failure } from './console.ts';
import type { CommandLine, Options } from './flags.ts';

/** A rig, as far as the command needs it; a test has one without machines. */
export interface Ground {
  readonly world: World;
  status(): FullStatus;
  /** Of the clock that drives it, in milliseconds. */
  now(): number;
  /** Throws what went wrong in the rig itself. */
  check(): void;
  /** A new machine, which comes up by itself. */
  addMachine(): string;
  /** A unit was placed on a machine that is there already. */
  placed(unit: Unit): void;
  /** By force: its units run no hooks any more. */
  removeMachine(machine: string): Promise<void>;
  /** What LXD calls the machine. */
  instance(machine: string): string;
}

export interface Session {
  readonly ground: Ground;
  readonly controller: string;
  /** The rig has one model, which `add-model` makes and `destroy-model` takes away. */
  model: 'there' | 'none';
}

export interface Command {
  readonly options: Options;
  /** Where options may stand; ssh and scp pass on what follows their words. */
  readonly where?: 'anywhere' | 'before the words';
  /** Whether it is about the current model. */
  readonly about: 'the model' | 'the client';
  run(session: Session, line: CommandLine, caller: Caller): void | Promise<void>;
}

/** What each command takes. */
export const everywhere: Options = {
  'no-browser-login': 'switch',
  B: { same: 'no-browser-login' },
  quiet: 'switch',
  q: { same: 'quiet' },
  verbose: 'switch',
  v: { same: 'verbose' },
  debug: { not: 'switch' },
  'show-log': { not: 'switch' },
  'logging-config': { not: 'value' },
};

export const modelOptions: Options = { model: 'value', m: { same: 'model' } };

/** Of commands that print a value. */
export const formatOptions: Options = {
  format: 'value',
  output: { not: 'value' },
  o: { not: 'value' },
};

export const colourOptions: Options = { color: { not: 'switch' }, 'no-color': 'switch' };

/** The format that is asked for, one of those that there are. */
export function formatOf<T extends string>(line: CommandLine, usual: T, others: readonly T[]): T {
  const asked = line.text('format');
  if (asked === undefined) return usual;
  const found = [usual, ...others].find((known) => known === asked);
  if (found === undefined) {
    throw new Failure(`invalid value "${asked}" for option --format: unknown format "${asked}"`, 2);
  }
  return found;
}

/** What the client says beside its answer, unless it is told to be quiet. */
export function inform(line: CommandLine, caller: Caller, text: string): void {
  if (!line.on('quiet')) caller.err(`${text}\n`);
}

/** One word, and no more. */
export function onlyWord(line: CommandLine, missing: string): string {
  const [word, ...more] = line.words;
  if (word === undefined) throw new Failure(missing, 2);
  noMore(more);
  return word;
}

export function noMore(words: readonly string[]): void {
  if (words.length > 0) {
    throw new Failure(`unrecognized args: [${words.map((word) => JSON.stringify(word)).join(' ')}]`, 2);
  }
}

/** `key=value`. */
export function pair(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new Failure(`expected "key=value", got ${JSON.stringify(text)}`, 2);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

export function pairs(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map(pair));
}

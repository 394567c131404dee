/** The command line of `npm start`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messages } from './messages.ts';

export interface Options {
  /** Leave once every promoted branch has moved. */
  readonly once: boolean;
  /** The user's own pipeline file; the demo without it. */
  readonly pipeline: string | undefined;
  readonly state: string | undefined;
  readonly ports: Ports;
  /** How long `--once` may take, in milliseconds. */
  readonly timeoutMs: number;
}

export interface Ports {
  readonly web: number;
  readonly workers: number;
  readonly promotion: number;
}

/** Wrong words on the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Gives the options, or `help`. Throws UsageError. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parse(args);
  if (values.help === true) return 'help';
  return {
    once: values.once === true,
    pipeline: values.pipeline === undefined ? undefined : resolve(values.pipeline),
    state: values.state === undefined ? undefined : resolve(values.state),
    ports: {
      web: port('web-port', values['web-port'], 8010),
      workers: port('worker-port', values['worker-port'], 9989),
      promotion: port('promotion-port', values['promotion-port'], 8011),
    },
    timeoutMs: number('timeout', values.timeout, 30, 24 * 60) * 60_000,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h' },
        once: { type: 'boolean' },
        pipeline: { type: 'string' },
        state: { type: 'string' },
        timeout: { type: 'string' },
        'web-port': { type: 'string' },
        'worker-port': { type: 'string' },
        'promotion-port': { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(messages.usage(error instanceof Error ? error.message : String(error)));
  }
}

function port(name: string, text: string | undefined, otherwise: number): number {
  return number(name, text, otherwise, 65_535);
}

function number(name: string, text: string | undefined, otherwise: number, most: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new UsageError(messages.usage(`--${name} takes a whole number from 1 to ${most}, not "${text}"`));
  }
  return value;
}

/**
 * Signals for the command: from whoever started this program, or, when sudo did, from the one before sudo, who writes their
 * names into standard input. What arrives here is only noted down and passed on; what follows from it is decided elsewhere.
 */
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const passedSignals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
export type PassedSignal = (typeof passedSignals)[number];

const ending: readonly PassedSignal[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

/** Whether people send it so that the command ends. */
export const isEnding = (signal: PassedSignal): boolean => ending.includes(signal);

export const numberOf = (signal: PassedSignal): number => constants.signals[signal];

const named = (text: string): PassedSignal | undefined => passedSignals.find((signal) => signal === text);

/** Calls `arrived` for each signal that this process gets, instead of dying of it. */
export function signalsOfProcess(arrived: (signal: PassedSignal) => void): void {
  for (const signal of passedSignals) process.on(signal, arrived);
}

/**
 * Calls `arrived` for each signal that is written into `input`, and `gone` when its other end is closed: that happens also
 * when the process there was killed, which sudo would not tell. Signals to this process itself mean nothing then: they come
 * from a terminal or a service manager that has sent them to the other one as well.
 */
export function signalsOfInput(
  input: Readable,
  arrived: (signal: PassedSignal) => void,
  gone: () => void,
): void {
  signalsOfProcess(() => undefined);
  const lines = createInterface({ input });
  lines.on('line', (line) => {
    const signal = named(line);
    if (signal !== undefined) arrived(signal);
  });
  lines.once('close', gone);
  input.on('error', gone);
}

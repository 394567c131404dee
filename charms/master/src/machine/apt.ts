/**
 * Installing packages where apt may be busy: cloud machines update themselves just when they are new. A lock is waited for, an
 * interrupted dpkg is finished, and lists that are missing or too old are fetched.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { messages } from '../messages.ts';
import type { Packages } from './machine.ts';
import { mustRun, type Ran, runProgram } from './run.ts';

export type AptTrouble =
  | { readonly kind: 'locked'; readonly holder: string }
  /** dpkg was killed in the middle of something. */
  | { readonly kind: 'interrupted' }
  /** What was done last may help with other lists. */
  | { readonly kind: 'failed' };

/** From what apt-get and dpkg say in English (LC_ALL=C.UTF-8). */
export function aptTrouble(output: string): AptTrouble {
  const lock =
    /Could not get lock|Unable to acquire the dpkg frontend lock|Unable to lock|is another process using it|locked by another process/;
  if (lock.test(output)) {
    const [, process = '', name] = /held by process (\d+)(?: \(([^)]+)\))?/.exec(output) ?? [];
    return { kind: 'locked', holder: name ?? (process === '' ? 'another program' : `process ${process}`) };
  }
  return { kind: /dpkg was interrupted|dpkg --configure -a/.test(output) ? 'interrupted' : 'failed' };
}

const environment = { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' };
const WAIT_MS = 2000;

/** The packages among these that are not installed. */
async function missing(names: readonly string[]): Promise<string[]> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query replaces these
  const format = '${binary:Package} ${db:Status-Status}\\n';
  const { stdout } = await runProgram([...['dpkg-query', '--show', '--showformat', format], ...names]);
  const there = new Set(
    stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.replace(/(:\S+)? installed$/, '')),
  );
  return names.filter((name) => !there.has(name));
}

export const realPackages: Packages = {
  ensure: async (names, onProgress) => {
    const wanted = await missing(names);
    if (wanted.length === 0) return 'same';
    const options = ['--yes', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold'];
    const install = async () => await unlocked(['apt-get', 'install', ...options, ...wanted], onProgress);
    let outcome = await install();
    if (outcome.code !== 0) {
      await unlocked(['apt-get', 'update'], onProgress);
      outcome = await install();
    }
    if (outcome.code !== 0) throw new Error(messages.aptFailed(wanted, outcome.all.trim()));
    return 'changed';
  },
};

/** Runs it again for as long as another process has the lock. */
async function unlocked(
  argv: readonly string[],
  onProgress: (sentence: string) => Promise<void>,
): Promise<Ran> {
  let told = '';
  let repaired = 0;
  for (;;) {
    const outcome = await runProgram(argv, { env: environment });
    if (outcome.code === 0) return outcome;
    const trouble = aptTrouble(outcome.all);
    if (trouble.kind === 'failed') return outcome;
    if (trouble.kind === 'interrupted') {
      repaired += 1;
      if (repaired > 3) return outcome;
      await mustRun(['dpkg', '--configure', '-a', '--force-confold'], { env: environment });
      continue;
    }
    if (trouble.holder !== told) await onProgress(messages.aptWaits(trouble.holder));
    told = trouble.holder;
    await sleep(WAIT_MS);
  }
}

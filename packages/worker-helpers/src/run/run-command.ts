/** Runs a command in a fresh container, and leaves none behind: the whole of what lpbuildbot-run does as root. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sweep } from '../clean/sweep.ts';
import { Failure } from '../command/failure.ts';
import { exec, type Lxd, type Running, type Sink } from '../lxd/index.ts';
import { type ContainerOrder, type FreshContainer, freshContainer } from './fresh-container.ts';
import { handBack } from './hand-back.ts';
import { runMessages } from './messages.ts';
import { mayBecomeRoot } from './new-container.ts';
import { exitCodeOf, type Result } from './outcome.ts';
import { Interrupted, type Reins } from './reins.ts';
import { removeInstance } from './remove.ts';
import { makeSpare } from './spare.ts';

export interface CommandOrder extends Omit<ContainerOrder, 'check'> {
  readonly argv: readonly string[];
  /** In a bound directory, or undefined for the user's home. */
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number | undefined;
  readonly stdout: Sink;
  readonly stderr: Sink;
}

/** After its container is stopped, an exit code comes at once or never; in milliseconds. */
const LAST_WORD_MILLISECONDS = 5_000;

/** How long after a command's start the next one's container is made, in milliseconds. */
const SPARE_AFTER_MILLISECONDS = 150;

/** What others left is cleared away beside this; nobody waits for it longer than this, in milliseconds. */
const SWEEP_MILLISECONDS = 5_000;

/** Gives the exit code. Throws a `Failure` when the command was not run. */
export async function runCommand(lxd: Lxd, order: CommandOrder, reins: Reins): Promise<number> {
  let container: FreshContainer;
  try {
    container = await freshContainer(lxd, { ...order, check: () => reins.check() });
  } catch (error) {
    reins.drop();
    if (!(error instanceof Interrupted)) throw error;
    order.say(runMessages.interrupted);
    return exitCodeOf(reins.ended, { kind: 'lost' }, 'stopped');
  }
  const since = Date.now();
  let running: Running | undefined;
  try {
    running = await exec(lxd, container.name, {
      argv: order.argv,
      env: { ...usualVariables(container), ...order.env },
      uid: container.ids.uid,
      gid: container.ids.gid,
      cwd: order.cwd ?? container.login.home,
      stdout: order.stdout,
      stderr: order.stderr,
    });
  } catch (error) {
    await clearAway(lxd, container.name, order.say);
    throw error;
  }
  return await seeThrough(lxd, order, reins, container, { running, since });
}

async function seeThrough(
  lxd: Lxd,
  order: CommandOrder,
  reins: Reins,
  container: FreshContainer,
  { running, since }: { readonly running: Running; readonly since: number },
): Promise<number> {
  const { timeoutSeconds, say } = order;
  const { name, prepared } = container;
  const onTime = (): void => {
    say(runMessages.timedOut(timeoutSeconds ?? 0));
    reins.timeOut();
  };
  const timer = timeoutSeconds === undefined ? undefined : setTimeout(onTime, timeoutSeconds * 1000);
  reins.take(running);
  const sweeping = sweep(lxd).catch(() => undefined);
  // For the next command, while this one runs. Not at once: its first moments, and those of the end of a very short one, are its own.
  const sparing = sleep(SPARE_AFTER_MILLISECONDS).then(() => makeSpare(lxd, prepared, order.owner));
  const first = await Promise.race([
    running.ended.then(() => 'left-alone' as const),
    reins.stopped.then(() => 'stopped' as const),
  ]);
  clearTimeout(timer);
  reins.drop();
  if (first === 'left-alone') {
    await Promise.race([giveBack(lxd, order, container, since), reins.stopped]);
  }
  await clearAway(lxd, name, say);
  await sparing;
  const result = await lastWord(running);
  if (result.kind === 'lost' && reins.ended.kind === 'by-itself') say(runMessages.lost);
  await Promise.race([sweeping, pause(SWEEP_MILLISECONDS)]);
  return exitCodeOf(reins.ended, result, first);
}

async function lastWord(running: Running): Promise<Result> {
  const known = running.exitCode.then(
    (code) => ({ kind: 'exited' as const, code }),
    () => ({ kind: 'lost' as const }),
  );
  return await Promise.race([known, pause(LAST_WORD_MILLISECONDS).then(() => ({ kind: 'lost' as const }))]);
}

/** Nothing waits for it alone: it does not keep the process. */
const pause = (milliseconds: number): Promise<void> => sleep(milliseconds, undefined, { ref: false });

async function giveBack(
  lxd: Lxd,
  { binds, say }: CommandOrder,
  { name, mapping, prepared }: FreshContainer,
  since: number,
): Promise<void> {
  if (mapping === undefined || !mayBecomeRoot(prepared)) return;
  try {
    await handBack(lxd, name, { binds, mapping, since }, say);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(runMessages.notHandedBack(error.message));
  }
}

/** The command's exit code matters more than what became of its container: the timer removes what cannot be removed now. */
async function clearAway(lxd: Lxd, name: string, say: (sentence: string) => void): Promise<void> {
  try {
    await removeInstance(lxd, name);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(runMessages.leftBehind(name, error.message));
  }
}

/** Of an ordinary login, without what the image gives anyway. */
function usualVariables({ login, variables }: FreshContainer): Record<string, string> {
  const usual = {
    HOME: login.home,
    USER: login.name,
    LOGNAME: login.name,
    SHELL: login.shell,
    LANG: 'C.UTF-8',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  };
  return Object.fromEntries(Object.entries(usual).filter(([name]) => !variables.has(name)));
}

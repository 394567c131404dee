/** lpbuildbot-run between its arguments and its work: who asks, which directories, which signals. */
import { fstatSync } from 'node:fs';
import type { World } from '../command/world.ts';
import { LxdError, openLxd, ownerHere, ownerText } from '../lxd/index.ts';
import { openBinds } from './binds.ts';
import { runFailure } from './failure.ts';
import { type Caller, callerOf } from './identity.ts';
import { runMessages } from './messages.ts';
import { signalsOfInput, signalsOfProcess } from './orders.ts';
import { outputTo } from './output.ts';
import { Reins } from './reins.ts';
import { runCommand } from './run-command.ts';

/** Below it the worker has a directory for each builder. */
const BASE = '/var/lib/buildbot/slaves';

export interface RunOptions {
  readonly image: string;
  readonly bind: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cpus?: number | undefined;
  readonly memory?: string | undefined;
  /** In seconds. */
  readonly timeout?: number | undefined;
  readonly network?: 'none' | undefined;
  readonly argv: readonly string[];
}

/** Gives the exit code; throws a `Failure` when the command was not run. */
export async function run(options: RunOptions, { env, log }: World): Promise<number> {
  const caller = callerOf(process.getuid?.() ?? -1, env.SUDO_UID);
  // The arguments as they were given, behind the program's and the command's name.
  if (caller.kind === 'user') {
    const { throughSudo } = await import('./elevate.ts');
    return await throughSudo(process.argv.slice(3));
  }
  const reins = new Reins();
  listen(caller, reins, log.warn);
  await using opened = await openBinds(caller, BASE, options.bind);
  const paths = opened.binds.map(({ path }) => path);
  try {
    return await runCommand(
      // Whom sudo has started this for may not choose another LXD; sudo's own settings keep the variables out already.
      openLxd(caller.kind === 'root' ? env : {}),
      {
        image: options.image,
        caller,
        binds: opened.binds,
        ids: opened.ids,
        nosuid: opened.nosuid,
        cpus: options.cpus,
        memory: options.memory,
        network: options.network ?? 'own',
        owner: ownerText(await ownerHere()),
        say: log.warn,
        argv: options.argv,
        cwd: workingDirectory(paths),
        env: options.env,
        timeoutSeconds: options.timeout,
        stdout: outputTo(1, () => reins.letGo()),
        stderr: outputTo(2, () => reins.letGo()),
      },
      reins,
    );
  } catch (error) {
    if (error instanceof LxdError) throw runFailure(error.message, error.cause);
    throw error;
  }
}

function listen(caller: Caller, reins: Reins, say: (sentence: string) => void): void {
  if (caller.kind === 'on-behalf' && isPipe(0)) {
    signalsOfInput(
      process.stdin,
      (signal) => reins.signal(signal),
      () => {
        say(runMessages.parentGone);
        reins.letGo();
      },
    );
    process.stdin.unref();
  } else {
    signalsOfProcess((signal) => reins.signal(signal));
  }
}

function isPipe(fd: number): boolean {
  const facts = fstatSync(fd);
  return facts.isFIFO() || facts.isSocket();
}

/** Where the command runs: here, when that is inside of what is bound. */
function workingDirectory(paths: readonly string[]): string | undefined {
  const here = currentDirectory();
  const inside = paths.some((path) => here === path || here?.startsWith(`${path}/`));
  return inside ? here : paths[0];
}

/** It may have been removed. */
function currentDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

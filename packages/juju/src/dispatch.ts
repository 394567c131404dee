/**
 * Runs a charm once, for the event that Juju started it for. A charm's `main.ts` is
 * `process.exitCode = await dispatch(charm)`.
 */
import { type ActionParameters, type ActionResults, actionFail, actionGet, actionSet } from './actions.ts';
import { type Environment, type JujuContext, readContext } from './context.ts';
import { jujuLog } from './log.ts';
import { messages } from './messages.ts';
import type { Runner } from './runner.ts';
import { openToolShell } from './tool-shell.ts';

/** What a charm is given: how to call hook tools, and why it was started. */
export interface Juju {
  readonly run: Runner;
  readonly context: JujuContext;
}

export type ActionOutcome =
  | { readonly kind: 'done'; readonly results?: ActionResults }
  /** What was wrong, for the person who ran it; whatever the action has written is kept. */
  | { readonly kind: 'failed'; readonly message: string; readonly results?: ActionResults };

export type Action = (juju: Juju, parameters: ActionParameters) => Promise<ActionOutcome>;

export interface Charm {
  /** For every hook, whichever: looks at everything, and does what is to be done. */
  readonly hook: (juju: Juju) => Promise<void>;
  /** By the names in charmcraft.yaml. */
  readonly actions?: Readonly<Record<string, Action>>;
}

/** What surrounds a charm's process; the defaults are the real ones. */
export interface Surroundings {
  readonly run?: Runner;
  readonly env?: Environment;
  readonly stderr?: (text: string) => void;
}

/**
 * @returns the exit code: 0, or 1 after an error that nothing caught. Juju then drops what the hook wrote (statuses and the
 * version stay), puts the unit into `error` and runs the hook again; an action is just failed.
 */
export async function dispatch(charm: Charm, surroundings: Surroundings = {}): Promise<0 | 1> {
  if (surroundings.run !== undefined) return await dispatchWith(charm, surroundings.run, surroundings);
  const tools = openToolShell();
  try {
    return await dispatchWith(charm, tools.run, surroundings);
  } finally {
    tools.close();
  }
}

async function dispatchWith(charm: Charm, run: Runner, surroundings: Surroundings): Promise<0 | 1> {
  const { env = process.env, stderr = (text) => process.stderr.write(text) } = surroundings;
  let juju: Juju;
  try {
    juju = { run, context: readContext(env) };
  } catch (error) {
    stderr(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  const { event } = juju.context;
  try {
    if (event.kind === 'action') await runAction(charm, juju, event.action);
    else await charm.hook(juju);
    return 0;
  } catch (error) {
    const tell = event.kind === 'action' ? messages.actionFailed : messages.hookFailed;
    await logFailure(run, stderr, tell(event.kind === 'action' ? event.action : event.hook, error));
    if (event.kind === 'action') await reportFailure(run, stderr, messages.actionFailedShort(error));
    return 1;
  }
}

async function runAction(charm: Charm, juju: Juju, name: string): Promise<void> {
  const actions = charm.actions ?? {};
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined) throw new Error(messages.noSuchAction(name));
  const outcome = await action(juju, await actionGet(juju.run));
  if (outcome.results !== undefined) await actionSet(juju.run, outcome.results);
  if (outcome.kind === 'failed') await actionFail(juju.run, outcome.message);
}

async function logFailure(run: Runner, stderr: (text: string) => void, text: string): Promise<void> {
  try {
    await jujuLog(run, 'ERROR', text);
  } catch (error) {
    stderr(`${text}\n${messages.notLogged(error)}\n`);
  }
}

/** Both: Juju takes the message from action-fail only when the exit code is 0, and shows stderr among the results. */
async function reportFailure(run: Runner, stderr: (text: string) => void, text: string): Promise<void> {
  stderr(`${text}\n`);
  try {
    await actionFail(run, text.replaceAll('\0', '\ufffd').toWellFormed());
  } catch {
    // It stands on stderr, and the exit code tells the rest.
  }
}

/** What LXD goes on with after it has answered: waiting for the end, taking note of the progress, cancelling. */
import { type Answer, ask, type Lxd, parse } from './connection.ts';
import { lxdMessages } from './messages.ts';
import { answerProblem, LxdError } from './problem.ts';
import { type Operation, operationSchema } from './schemas.ts';

export interface Waiting {
  /** Told what the operation says of itself (download_progress and the like), about once a second. */
  readonly onProgress?: (metadata: Readonly<Record<string, unknown>>) => void;
  /** Ends the waiting, and cancels the operation as far as LXD can. */
  readonly signal?: AbortSignal;
}

/** LXD's status codes (doc/rest-api.md): below 200 is on its way. */
const SUCCESS = 200;
const CANCELLED = 401;

/** Waits for the operation that the answer started, when it started one. Throws `LxdError` when it fails. */
export async function finished(
  lxd: Lxd,
  answer: Answer,
  waiting: Waiting = {},
): Promise<Operation | undefined> {
  return answer.operation === undefined ? undefined : await waitFor(lxd, answer.operation, waiting);
}

/** Waits for an operation by its path; a failed one is an `LxdError`. */
export async function waitFor(
  lxd: Lxd,
  path: string,
  { onProgress, signal }: Waiting = {},
): Promise<Operation> {
  const seconds = onProgress === undefined ? -1 : 1;
  for (;;) {
    const operation = await waitOnce(lxd, path, seconds, signal);
    if (operation.status_code < SUCCESS) {
      onProgress?.(operation.metadata ?? {});
      continue;
    }
    if (operation.status_code === SUCCESS) return operation;
    const words =
      operation.err === '' && operation.status_code === CANCELLED
        ? lxdMessages.operationCancelled
        : operation.err;
    throw new LxdError(failureOf(words));
  }
}

async function waitOnce(lxd: Lxd, path: string, seconds: number, signal?: AbortSignal): Promise<Operation> {
  try {
    const { metadata } = await ask(lxd, 'GET', `${path}/wait?timeout=${seconds}`, undefined, signal);
    return parse(operationSchema, path, metadata);
  } catch (error) {
    if (signal?.aborted === true) await cancel(lxd, path);
    // Finished operations are kept for seconds only, and those of a daemon that was restarted not at all.
    if (error instanceof LxdError && error.problem.kind === 'not-found') {
      throw new LxdError({ kind: 'unreachable', socket: lxd.socket, why: lxdMessages.lostOperation }, error);
    }
    throw error;
  }
}

/** In an operation's error the HTTP code is not there; its words are. */
function failureOf(words: string): ReturnType<typeof answerProblem> {
  const code = /not found/i.test(words) ? 404 : 400;
  return answerProblem('what it was asked for', code, words);
}

/** Cancels an operation; one that cannot be cancelled, or has ended, stays as it is. */
async function cancel(lxd: Lxd, path: string): Promise<void> {
  await ask(lxd, 'DELETE', path).catch(() => undefined);
}

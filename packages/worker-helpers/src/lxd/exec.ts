/**
 * Runs a command in a container: its output comes over two websockets as it is written, a third takes signals for it. When the
 * third breaks off, as when this process is killed, LXD kills the command.
 */
import type { RawData, WebSocket } from 'ws';
import * as z from 'zod';
import { ask, type Lxd, parse } from './connection.ts';
import { lxdMessages } from './messages.ts';
import { waitFor } from './operations.ts';
import { LxdError } from './problem.ts';
import { operationSchema } from './schemas.ts';
import { handedOn } from './young.ts';

/** Takes a piece of output; as long as the promise that it gives is not settled, no more comes. */
export type Sink = (chunk: Buffer) => Promise<void> | undefined;

export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  readonly cwd?: string;
  /** What it reads; nothing by default. */
  readonly stdin?: string | Buffer;
  readonly stdout: Sink;
  readonly stderr: Sink;
}

export interface Running {
  /** Sends a signal, by its number, to the command's process. */
  readonly signal: (number: number) => void;
  /** Settles once the command's own process has ended and no output comes any more, even if processes that it left behind hold it open. Never rejects. */
  readonly ended: Promise<void>;
  /** Its exit code, once all of its output is delivered, that of processes that it left behind too: stopping the container ends those; 128 + n when signal n ended it. 127 when there is no such program, 126 when it cannot be run. */
  readonly exitCode: Promise<number>;
}

const startedSchema = operationSchema.extend({
  metadata: z.object({
    fds: z.object({ 0: z.string(), 1: z.string(), 2: z.string(), control: z.string() }),
  }),
});

const endedSchema = z.object({ return: z.number() });

/** As in shells (POSIX, Exit Status for Commands). */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/**
 * Output that a process left behind holds open is not waited for longer than three seconds; LXD itself may need as long to hand on what
 * is there when twenty builds begin at once. It is counted in small parts, since a process that had no processor for a second finds its
 * timers due before it has looked at what has come meanwhile.
 */
const grace = { parts: 30, milliseconds: 100 };

/** Loads what `exec` needs while there is nothing else to do. */
export function warmExec(): void {
  // What goes wrong with it is told where it is needed.
  import('ws').catch(() => undefined);
}

/** Starts the command. Gives as soon as LXD takes it; what goes wrong later is an `LxdError` of `exitCode`. */
export async function exec(lxd: Lxd, instance: string, command: Command): Promise<Running> {
  // Only here, and beside LXD's own work: most commands never need it.
  const loading = import('ws');
  const answer = await ask(lxd, 'POST', `/1.0/instances/${encodeURIComponent(instance)}/exec`, {
    command: command.argv,
    environment: command.env ?? {},
    'wait-for-websocket': true,
    interactive: false,
    ...(command.uid === undefined ? {} : { user: command.uid }),
    ...(command.gid === undefined ? {} : { group: command.gid }),
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
  });
  const path = answer.operation ?? '';
  const { fds } = parse(startedSchema, 'exec', answer.metadata).metadata;
  const { WebSocket } = await loading;
  const connect = (secret: string): WebSocket =>
    new WebSocket(`ws+unix:${lxd.socket}:${path}/websocket?secret=${secret}`, { perMessageDeflate: false });

  const [control, input, output] = [connect(fds.control), connect(fds[0]), connect(fds[1])];
  input.on('error', () => undefined);
  input.on('open', () => feed(input, command.stdin));
  const drainedOutput = drain(output, command.stdout);
  const standing = Promise.all([input, output].map((socket) => opened(lxd, socket)));
  // It is looked at later; until then its failure is nobody's.
  standing.catch(() => undefined);
  // LXD starts the command once the three standard streams are there, and would miss a later control socket.
  await opened(lxd, control);
  const errors = connect(fds[2]);
  const drained = Promise.all([drainedOutput, drain(errors, command.stderr)]);
  await Promise.all([standing, opened(lxd, errors)]);

  const outputSoFar = (): number => progress(output, errors);
  const end = async (): Promise<number> => {
    try {
      const operation = await waitFor(lxd, path);
      await settledOrQuiet(drained, outputSoFar);
      return parse(endedSchema, 'exec', operation.metadata).return;
    } catch (error) {
      const code = notStarted(error);
      if (code === undefined) throw error;
      return code;
    } finally {
      for (const socket of [control, input, output, errors]) socket.terminate();
    }
  };
  const exitCode = end();
  // LXD closes this socket when the process is gone, and sets the exit code only when its output is closed as well.
  const processGone = new Promise((resolve) => control.once('close', resolve));
  const rested = exitCode.then(
    () => undefined,
    () => undefined,
  );
  const ended = Promise.race([rested, processGone.then(() => settledOrQuiet(rested, outputSoFar))]);
  return {
    signal: (number) => {
      if (control.readyState === control.OPEN)
        control.send(JSON.stringify({ command: 'signal', signal: number }));
    },
    ended,
    exitCode,
  };
}

/** LXD says in words what shells say with codes (its ErrExecCommandNotFound and ErrExecCommandNotExecutable). */
function notStarted(error: unknown): number | undefined {
  if (!(error instanceof LxdError)) return undefined;
  if (/command not found/i.test(error.message)) return NOT_FOUND;
  return /command not executable/i.test(error.message) ? NOT_EXECUTABLE : undefined;
}

async function opened(lxd: Lxd, socket: WebSocket): Promise<void> {
  if (socket.readyState === socket.OPEN) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const failed = (error?: Error): void => {
    const why = error?.message ?? lxdMessages.lostOperation;
    reject(new LxdError({ kind: 'unreachable', socket: lxd.socket, why }, error));
  };
  socket.once('open', resolve);
  socket.on('error', failed);
  socket.once('close', () => failed());
  await promise;
}

/** An empty text message is the end of a stream, in both directions. */
function feed(socket: WebSocket, content: string | Buffer = ''): void {
  if (content.length > 0) socket.send(Buffer.from(content));
  socket.send('');
}

/** What ws gives in its usual form of binary messages. */
const buffer = z.instanceof(Buffer);

const counts = new WeakMap<WebSocket, number>();

const progress = (...sockets: readonly WebSocket[]): number =>
  sockets.reduce((sum, socket) => sum + (counts.get(socket) ?? 0), 0);

/** Settles when the stream has ended and everything is written. */
async function drain(socket: WebSocket, sink: Sink): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let pending = Promise.resolve();
  const finish = (): void => void pending.then(resolve);
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (!isBinary) return finish();
    counts.set(socket, (counts.get(socket) ?? 0) + 1);
    const chunk = buffer.parse(data);
    const written = sink(chunk);
    handedOn(chunk.length);
    if (written === undefined) return;
    socket.pause();
    pending = pending.then(() => written).finally(() => socket.resume());
  });
  socket.on('close', finish);
  socket.on('error', finish);
  await promise;
}

/** Waits for the promise as long as output comes, and a short time without any. */
async function settledOrQuiet(promise: Promise<unknown>, outputSoFar: () => number): Promise<void> {
  let seen = outputSoFar();
  for (let quiet = 0; quiet < grace.parts; quiet += 1) {
    const timer = Promise.withResolvers<'late'>();
    const handle = setTimeout(() => timer.resolve('late'), grace.milliseconds);
    const first = await Promise.race([promise, timer.promise]);
    clearTimeout(handle);
    if (first !== 'late') return;
    const now = outputSoFar();
    if (now !== seen) quiet = -1;
    seen = now;
  }
}

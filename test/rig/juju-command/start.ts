/**
 * A `juju` command for a rig, so that scripts that call `juju` run unchanged: a directory to put first in PATH, with an executable that
 * speaks to this process.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import * as z from 'zod';
import type { Caller } from './console.ts';
import { dispatch } from './dispatch.ts';
import type { Ground, Session } from './session.ts';

export interface JujuCommand {
  /** To be put first in PATH; it has `juju`, and nothing else that can be run. */
  readonly directory: string;
  /** Words that a call was made of, for those who want to know what a script did. */
  readonly calls: readonly (readonly string[])[];
  close(): Promise<void>;
}

export interface JujuCommandOptions {
  /** Whether `juju add-model` has been called already; `none` is how a laptop begins. */
  readonly model?: 'there' | 'none';
}

const messageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('call'),
    args: z.array(z.string()),
    directory: z.string(),
    environment: z.object({ HOME: z.string().optional(), JUJU_MODEL: z.string().optional() }),
    input: z.enum(['stream', 'none']),
  }),
  z.object({ type: z.literal('input'), data: z.base64() }),
  z.object({ type: z.literal('end') }),
]);
type Call = Extract<z.infer<typeof messageSchema>, { type: 'call' }>;

export async function startJujuCommand(
  ground: Ground,
  options: JujuCommandOptions = {},
): Promise<JujuCommand> {
  const directory = await mkdtemp(join(tmpdir(), 'rig-juju-'));
  const path = join(directory, 'socket');
  const session: Session = { ground, controller: 'rig', model: options.model ?? 'there' };
  const calls: (readonly string[])[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(session, socket, calls);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const client = join(import.meta.dirname, 'client.ts');
  const script = `#!/bin/sh\nexec '${process.execPath}' --disable-warning=ExperimentalWarning '${client}' '${path}' "$@"\n`;
  await writeFile(join(directory, 'juju'), script, { mode: 0o755 });
  return {
    directory,
    calls,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true });
    },
  };
}

function serve(session: Session, socket: Socket, calls: (readonly string[])[]): void {
  const input = new PassThrough();
  // The caller was killed: what it began goes on, as it would on a controller.
  socket.on('error', () => {});
  createInterface({ input: socket }).on('line', (line) => {
    const message = messageSchema.parse(JSON.parse(line));
    if (message.type === 'input') input.write(Buffer.from(message.data, 'base64'));
    else if (message.type === 'end') input.end();
    else {
      calls.push(message.args);
      void answer(session, socket, message, input);
    }
  });
}

async function answer(session: Session, socket: Socket, call: Call, input: PassThrough): Promise<void> {
  const tell = (message: unknown): void => {
    if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
  };
  const encoded = (data: string | Buffer): string => Buffer.from(data).toString('base64');
  const err = (data: string | Buffer): void => tell({ err: encoded(data) });
  const { HOME = '', JUJU_MODEL = '' } = call.environment;
  const caller: Caller = {
    directory: call.directory,
    environment: { HOME, JUJU_MODEL },
    input: call.input === 'stream' ? streamed(input, () => tell({ read: true })) : undefined,
    out: (data) => tell({ out: encoded(data) }),
    err,
  };
  try {
    tell({ code: await dispatch(session, call.args, caller) });
  } catch (error) {
    err(`ERROR the rig itself: ${error instanceof Error ? error.stack : error}\n`);
    tell({ code: 70 });
  }
}

/** The caller's input is asked for only when somebody reads it: a loop of the shell reads its own lines from it. */
async function* streamed(input: PassThrough, ask: () => void): AsyncGenerator<Buffer> {
  ask();
  for await (const chunk of input) yield chunk;
}

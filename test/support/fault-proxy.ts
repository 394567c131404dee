/**
 * A TCP proxy in front of any server, which shows its clients every way in which a network and a remote fail. It keeps
 * its port through all of them.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { freePort, listen } from './ports.ts';
import { waitUntil } from './wait.ts';

export type Fault =
  | { readonly kind: 'none' }
  /** Nothing listens: connections are refused, and open ones are cut. */
  | { readonly kind: 'down' }
  /** Connections are taken and never answered. Those stay so, even when the fault is gone, as a dead peer's do. */
  | { readonly kind: 'hanging' }
  /** Every piece of data, in both directions, comes so much later. */
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** Every connection is cut when the server has answered with so many bytes. */
  | { readonly kind: 'cut'; readonly afterBytes: number };

export class FaultProxy implements AsyncDisposable {
  readonly port: number;
  readonly #target: number;
  readonly #open = new Set<Socket>();
  #server: Server | undefined;
  #fault: Fault = { kind: 'none' };
  #connections = 0;

  private constructor(port: number, target: number) {
    this.port = port;
    this.#target = target;
  }

  /** Stands in front of a port of 127.0.0.1. */
  static async before(target: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(await freePort(), target);
    await proxy.#up();
    return proxy;
  }

  /** How many connections there have been so far, and how many are open. */
  get connections(): { readonly total: number; readonly open: number } {
    return { total: this.#connections, open: this.#open.size / 2 };
  }

  /** Changes how the network is from now on, for open connections too. */
  async set(fault: Fault): Promise<void> {
    this.#fault = fault;
    if (fault.kind === 'down') await this.#down();
    else await this.#up();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#down();
  }

  async #up(): Promise<void> {
    if (this.#server !== undefined) return;
    // Both directions stay open independently: git over ssh closes one before the other.
    const server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    this.#server = server;
    await waitUntil(`port ${this.port}`, async () => (await listen(server, this.port)) === 'listening');
  }

  async #down(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#open) cut(socket);
    await closed;
  }

  #accept(client: Socket): void {
    this.#connections += 1;
    const upstream = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true });
    const line: Line = { dead: this.#fault.kind === 'hanging', answered: 0 };
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#open.delete(socket);
        // What was taken in may still be on its way out to the other side.
        if (!other.writableEnded) other.destroy();
      });
    }
    void this.#carry(client, upstream, line, 'question');
    void this.#carry(upstream, client, line, 'answer');
  }

  async #carry(from: Socket, to: Socket, line: Line, direction: 'question' | 'answer'): Promise<void> {
    try {
      for await (const chunk of from) {
        const fault = this.#fault;
        if (fault.kind === 'hanging') line.dead = true;
        // Data is still taken in: only so is it noticed when the other end gives up.
        if (line.dead) continue;
        if (fault.kind === 'slow') await setTimeout(fault.milliseconds);
        if (fault.kind === 'cut' && direction === 'answer') {
          const allowed = fault.afterBytes - line.answered;
          line.answered += chunk.length;
          if (chunk.length >= allowed) {
            to.write(chunk.subarray(0, Math.max(0, allowed)), () => cut(to));
            return;
          }
        }
        if (to.destroyed) return;
        if (!to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
      }
      if (line.dead) to.destroy();
      else to.end();
    } catch {
      to.destroy();
    }
  }
}

/** What both directions of a connection share. */
interface Line {
  dead: boolean;
  answered: number;
}

/**
 * Ends a connection as a broken line does. A socket that is already closing its own direction cannot be reset
 * (uv_tcp_close_reset), and Node then keeps its handle and never comes to an end.
 */
function cut(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function once(socket: Socket, event: 'drain' | 'close'): Promise<void> {
  return new Promise((resolve) => socket.once(event, () => resolve()));
}

/**
 * One machine of the rig: an LXD container with systemd, and the line to the agent in it. What the agent tells is passed on; when the
 * line breaks (a reboot, a kill), that is told too, and the line is made again once the machine is back.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ToolOutput } from '@lpbuildbot/juju';
import * as z from 'zod';
import { lxc, Machine } from '../deb/lxc.ts';
import { waitUntil } from '../support/wait.ts';

const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), booted: z.boolean() }),
  z.object({
    type: z.literal('line'),
    run: z.string(),
    stream: z.enum(['stdout', 'stderr']),
    text: z.string(),
  }),
  z.object({ type: z.literal('ended'), run: z.string(), code: z.number() }),
  z.object({
    type: z.literal('tool'),
    call: z.number(),
    context: z.string(),
    tool: z.string(),
    args: z.array(z.string()),
    stdin: z.string(),
    files: z.record(z.string(), z.string()),
  }),
]);
type Message = z.infer<typeof messageSchema>;
export type ToolMessage = Extract<Message, { type: 'tool' }>;

export interface Listener {
  readonly up: (how: 'booted' | 'restarted') => void;
  readonly down: () => void;
  readonly line: (run: string, stream: 'stdout' | 'stderr', text: string) => void;
  /** The exit code, or the signal's number below zero. */
  readonly ended: (run: string, code: number) => void;
  readonly tool: (message: ToolMessage) => void;
}

export interface Order {
  readonly run: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const bootSeconds = 120;

export class RigMachine {
  readonly machine: Machine;
  readonly #listener: Listener;
  #line: ChildProcessByStdio<Writable, Readable, null> | undefined;
  #wanted: 'up' | 'away' = 'away';
  #connecting: Promise<void> | undefined;

  constructor(name: string, listener: Listener) {
    this.machine = new Machine(name);
    this.#listener = listener;
  }

  /** Copies the image and starts it; the agent's `up` follows. */
  async create(image: string, disk: string | undefined): Promise<void> {
    const { name } = this.machine;
    await lxc(['copy', image, name]);
    if (disk !== undefined) {
      await lxc(['config', 'device', 'override', name, 'root', `size=${disk}`]);
    }
    await lxc(['start', name]);
    this.#wanted = 'up';
    await this.#connect();
  }

  /** Where the others reach it, once DHCP has told it. */
  async address(): Promise<{ readonly address: string; readonly subnet: string }> {
    const [, address = '', length = ''] = await waitUntil('an address', async () => {
      const text = await this.machine.sh('ip -4 -o addr show dev eth0 scope global');
      return /inet (\S+)\/(\d+)/.exec(text) ?? undefined;
    });
    const bytes = address.split('.').map(Number);
    const mask = Number(length);
    const network = bytes.map(
      (byte, index) => byte & (256 - 2 ** (8 - Math.min(8, Math.max(0, mask - 8 * index)))),
    );
    return { address, subnet: `${network.join('.')}/${mask}` };
  }

  run(order: Order): void {
    this.#tell({ type: 'run', ...order });
  }

  kill(run: string): void {
    this.#tell({ type: 'kill', run });
  }

  answer(call: number, answer: ToolOutput): void {
    this.#tell({ type: 'answer', call, answer });
  }

  async reboot(): Promise<void> {
    await this.machine.run('systemctl reboot');
  }

  /** As when the power goes. */
  async crash(): Promise<void> {
    await lxc(['restart', '--force', this.machine.name]);
  }

  /** Ends the agent with all that it runs; it comes back by itself. */
  killAgent(): void {
    this.#line?.kill('SIGKILL');
  }

  async destroy(): Promise<void> {
    this.#wanted = 'away';
    this.#line?.kill('SIGKILL');
    await this.#connecting?.catch(() => {});
    await this.machine.destroy();
  }

  #tell(message: unknown): void {
    // Between a reboot and the news of it nobody hears this; the agent's end is told by the line.
    if (this.#line?.stdin.writable) this.#line.stdin.write(`${JSON.stringify(message)}\n`);
  }

  async #connect(): Promise<void> {
    const deadline = Date.now() + bootSeconds * 1000;
    while (this.#wanted === 'up') {
      const { output } = await this.machine.run(
        'systemctl is-active systemd-user-sessions.service network-online.target multi-user.target | head -1; ip -4 -o addr show dev eth0 scope global',
      );
      if (/^active\n.*inet /.test(output)) break;
      if (Date.now() > deadline) throw new Error(`${this.machine.name} has not booted: ${output}`);
      await sleep(200);
    }
    if (this.#wanted === 'up') this.#open();
  }

  #open(): void {
    const line = spawn(
      'lxc',
      ['exec', '-T', this.machine.name, '--', 'python3', '-I', '/usr/local/lib/rig/agent.py'],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    this.#line = line;
    line.stdin.on('error', () => {});
    createInterface({ input: line.stdout }).on('line', (text) => this.#hear(text));
    line.on('close', () => {
      if (this.#line !== line) return;
      this.#line = undefined;
      // Of a machine that is being taken away nobody wants to hear.
      if (this.#wanted === 'away') return;
      this.#listener.down();
      this.#connecting = this.#connect().catch((error: unknown) => {
        if (this.#wanted === 'up')
          console.error(`lpbuildbot: ${error instanceof Error ? error.message : error}`);
      });
    });
  }

  #hear(text: string): void {
    const message = messageSchema.parse(JSON.parse(text));
    switch (message.type) {
      case 'hello':
        this.#listener.up(message.booted ? 'booted' : 'restarted');
        return;
      case 'line':
        this.#listener.line(message.run, message.stream, message.text);
        return;
      case 'ended':
        this.#listener.ended(message.run, message.code);
        return;
      case 'tool':
        this.#listener.tool(message);
    }
  }
}

/** The promotion service as it is deployed: one bundled file, with the settings of its unit, in a process of its own. */
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import * as z from 'zod';
import { bundle } from '../../scripts/lib/bundle.ts';
import { freePort } from '../support/ports.ts';
import { waitUntil } from '../support/wait.ts';

const program = join(import.meta.dirname, '../../packages/promotion/src/main.ts');

const stateSchema = z.object({
  projects: z.array(z.object({ pairs: z.array(z.object({ lookedAt: z.number().optional() })) })),
});

export class BenchDaemon {
  readonly pid: number;
  readonly url: string;
  readonly #token: string;
  readonly #end: () => Promise<void>;

  private constructor(pid: number, url: string, token: string, end: () => Promise<void>) {
    this.pid = pid;
    this.url = url;
    this.#token = token;
    this.#end = end;
  }

  /** Starts it on these pipeline files and waits for its first full look. */
  static async start(
    directory: string,
    buildbot: string,
    pipelines: readonly string[],
    settings: { readonly reconcile?: string } = {},
  ): Promise<BenchDaemon> {
    const file = join(directory, 'lpbuildbot-promotion.mjs');
    await bundle(program, file);
    const port = await freePort();
    const state = join(directory, 'state');
    const config = join(directory, 'promotion.yaml');
    await writeFile(config, stringify({ pipelines, buildbot, state, http: { port }, ...settings }));
    const child = spawn(process.execPath, ['--max-semi-space-size=1', file, '--config', config, 'run'], {
      env: { ...process.env, MALLOC_ARENA_MAX: '1' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const url = `http://127.0.0.1:${port}/`;
    const ended = new Promise<void>((done) => child.once('close', () => done()));
    const end = async () => {
      child.kill('SIGTERM');
      await ended;
    };
    try {
      await waitUntil('the service', async () => (await fetch(`${url}healthz`).catch(() => undefined))?.ok);
      const token = (await readFile(join(state, 'token'), 'utf8')).trim();
      const daemon = new BenchDaemon(child.pid ?? 0, url, token, end);
      // Hundreds of repositories are fetched for the first time.
      await waitUntil('the first look', async () => (await daemon.oldestLook()) > 0, {
        timeout: 600_000,
        every: 200,
      });
      return daemon;
    } catch (error) {
      await end();
      throw error;
    }
  }

  /** When the pair that was looked at longest ago was looked at; 0 when one never was. */
  async oldestLook(): Promise<number> {
    const { projects } = stateSchema.parse(await (await fetch(`${this.url}api/state`)).json());
    return Math.min(...projects.flatMap((project) => project.pairs.map((pair) => pair.lookedAt ?? 0)));
  }

  /** Has everything looked at once nothing else goes on, and gives how long that took, in milliseconds. */
  async reconcile(): Promise<number> {
    await this.quiet();
    const began = Date.now();
    await fetch(`${this.url}api/look`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#token}` },
    });
    await waitUntil('a full look', async () => (await this.oldestLook()) >= began, { every: 20 });
    return Date.now() - began;
  }

  /** Resolves once the service and its gits have taken no processor time for a second. */
  async quiet(): Promise<void> {
    let before: number | undefined;
    await waitUntil(
      'the service to come to rest',
      async () => {
        const now = await this.cpu();
        const rests = now === before;
        before = now;
        return rests;
      },
      { timeout: 600_000, every: 1000 },
    );
  }

  /** Resident memory, in megabytes. */
  async memory(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1000;
  }

  /** Processor time of the service and of every git it ran, in milliseconds (proc(5): fields 14 to 17). */
  async cpu(): Promise<number> {
    const stat = await readFile(`/proc/${this.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return ticks * 10;
  }

  async stop(): Promise<void> {
    await this.#end();
  }
}

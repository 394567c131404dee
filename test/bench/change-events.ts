/**
 * From `git push` to the start of its build: a real master that polls once an hour, a bare repository with the post-receive hook
 * that is given, and an independent client of the master's event stream. A forced build is measured in turn: it needs no
 * hook and asks no repository.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  configureMaster,
  createWorker,
  ensureVenv,
  formatLogins,
  hashPassword,
  startMaster,
  startWorker,
} from '@lpbuildbot/buildbot';
import { compile, formatMistakes, readPipelines } from '@lpbuildbot/pipeline';
import { WebSocket } from 'ws';
import * as z from 'zod';
import { GitWorld } from '../support/git-world.ts';
import { freePort } from '../support/ports.ts';
import { type Figure, median, quantile } from './figures.ts';

const HOOK = join(import.meta.dirname, '../../packages/buildbot/hooks/post-receive');
const PUSHES = 40;
const SECRET = 'the secret of this benchmark';
const LOGIN = { name: 'bench', password: 'a password of this benchmark' };

export async function changeEvents(say: (line: string) => void): Promise<Figure[]> {
  await using world = await GitWorld.create();
  const repository = await world.repository('demo');
  const first = await repository.commit('master', 'first');
  await repository.setBranch('next', first);
  const pusher = await world.clone(repository, 'pusher');
  const web = await startSystem(world, repository.path);
  try {
    const url = `http://127.0.0.1:${web.port}/`;
    const secretFile = world.path('secret');
    await mkdir(join(repository.path, 'hooks'), { recursive: true });
    await copyFile(HOOK, join(repository.path, 'hooks/post-receive'));
    await repository.configure({ 'lpbuildbot.url': url, 'lpbuildbot.secretFile': secretFile });
    const builds = await BuildEvents.open(web.port);
    const cookie = await login(url);
    const pushed: number[] = [];
    const forced: number[] = [];
    for (let n = 1; n <= PUSHES; n += 1) {
      const commit = await repository.commit('next', `commit ${n}`);
      await pusher.git(['fetch', '--quiet', 'origin']);
      const push = ['push', '--quiet', repository.path, `${commit}:refs/heads/master`];
      pushed.push(await builds.untilStart(() => pusher.git(push)));
      forced.push(await builds.untilStart(() => force(url, cookie)));
      if (n % 10 === 0) say(`${n} of ${PUSHES} pushes, median ${median(pushed).toFixed(0)} ms`);
    }
    builds.close();
    const detail = `${PUSHES} pushes, hook and poll included; a forced build starts in ${median(forced).toFixed(0)} ms`;
    return [
      { name: 'push to build started, p50', value: median(pushed), unit: 'ms', limit: 1000, detail },
      { name: 'push to build started, p95', value: quantile(pushed, 0.95), unit: 'ms', limit: 1000, detail },
      {
        name: 'the same against a forced build',
        value: median(pushed) / median(forced),
        unit: 'x',
        limit: 5,
        detail: 'medians',
      },
    ];
  } finally {
    await web.stop();
  }
}

async function startSystem(world: GitWorld, repository: string) {
  const text = `project: bench
repository: ${repository}
poll: 1h
builders:
  tests: { branch: master, host: true, steps: ["true"] }
`;
  const reading = readPipelines([{ file: 'pipeline.yaml', text }]);
  if (reading.kind === 'refused') throw new Error(formatMistakes(reading.mistakes));
  const directory = join(import.meta.dirname, '../../.lpbuildbot/venv');
  const venv = await ensureVenv({ python: process.env.LPBUILDBOT_PYTHON ?? 'python3', directory });
  if (venv.kind === 'failed') throw new Error(venv.reason);
  const { python } = venv;
  const [port, workers] = [await freePort(), await freePort()];
  const files = { loginsFile: world.path('logins'), webhookSecretFile: world.path('secret') };
  await writeFile(files.webhookSecretFile, `${SECRET}\n`);
  await writeFile(
    files.loginsFile,
    formatLogins(new Map([[LOGIN.name, await hashPassword(LOGIN.password)]])),
  );
  const configured = await configureMaster({
    python,
    directory: world.path('master'),
    pipeline: compile(reading.pipelines),
    site: {
      title: 'bench',
      url: `http://127.0.0.1:${port}/`,
      web: { host: '127.0.0.1', port },
      workers: { host: '127.0.0.1', port: workers },
      ...files,
      logRetentionDays: 1,
    },
    workers: [{ name: 'one', password: SECRET, images: [], capacity: 1 }],
  });
  if (configured.kind === 'refused') throw new Error(configured.reason);
  const started = await startMaster({ python, directory: world.path('master') });
  if (started.kind === 'failed') throw new Error(started.reason);
  const worker = { directory: world.path('worker'), name: 'one', password: SECRET };
  await createWorker({ ...worker, host: '127.0.0.1', port: workers });
  const working = await startWorker({ python, directory: worker.directory });
  return {
    port,
    stop: async () => {
      await working.stop('now');
      await started.master.stop('now');
    },
  };
}

const eventSchema = z.object({ k: z.string() });

/** The master's builds as they begin and end; one at a time. */
class BuildEvents {
  readonly #socket: WebSocket;
  #hear: ((kind: string) => void) | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const event = eventSchema.safeParse(JSON.parse(String(data)));
      if (event.success) this.#hear?.(event.data.k.replace(/.*\//, ''));
    });
  }

  /** Also waits for the build that the master begins with. */
  static async open(port: number): Promise<BuildEvents> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    await new Promise((open) => socket.once('open', open));
    const events = new BuildEvents(socket);
    for (const [id, kind] of ['new', 'finished'].entries()) {
      socket.send(JSON.stringify({ cmd: 'startConsuming', path: `builds/*/${kind}`, _id: id }));
    }
    const builds = () =>
      fetch(`http://127.0.0.1:${port}/api/v2/builds`)
        .then((response) => response.text())
        // Buildbot loses pieces of an answer now and then, on a busy machine.
        .catch(() => '');
    while (!/"complete": ?true/.test(await builds())) await sleep(50);
    return events;
  }

  /** How long it takes until a build begins because of that, in milliseconds; comes back once it is over. */
  async untilStart(deed: () => Promise<unknown>): Promise<number> {
    let started = Number.NaN;
    const finished = new Promise<void>((done) => {
      this.#hear = (kind) => {
        if (kind === 'new') started = performance.now();
        if (kind === 'finished') done();
      };
    });
    const began = performance.now();
    await Promise.all([deed(), finished]);
    return started - began;
  }

  close(): void {
    this.#socket.terminate();
  }
}

async function login(url: string): Promise<string> {
  const basic = Buffer.from(`${LOGIN.name}:${LOGIN.password}`).toString('base64');
  const response = await fetch(`${url}auth/login`, {
    headers: { authorization: `Basic ${basic}` },
    redirect: 'manual',
  });
  return response.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
}

async function force(url: string, cookie: string): Promise<void> {
  const response = await fetch(`${url}api/v2/forceschedulers/force-bench-master`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify({ id: 1, jsonrpc: '2.0', method: 'force', params: { reason: 'a benchmark' } }),
  });
  if (!response.ok) throw new Error(`forcing a build was answered with ${await response.text()}`);
}

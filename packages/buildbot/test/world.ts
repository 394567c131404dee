/**
 * A small world for stories about the real Buildbot: a repository, a master with its workers, and a browser's view of
 * it through the REST API. Everything lies in one temporary directory and ends with the test.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import * as z from 'zod';
import {
  type ConfigureOutcome,
  configureMaster,
  createWorker,
  ensureVenv,
  formatLogins,
  hashPassword,
  type Master,
  type MasterConfiguration,
  type MasterWorker,
  type Site,
  startMaster,
  startWorker,
  type Worker,
} from '../src/index.ts';

const repositoryRoot = join(import.meta.dirname, '../../..');
const LIVENESS_SECONDS = 120;

/** The interpreter of the environment that all tests share. */
export async function testPython(): Promise<string> {
  const venv = await ensureVenv({
    python: process.env.LPBUILDBOT_PYTHON ?? 'python3.11',
    directory: join(repositoryRoot, '.lpbuildbot/venv'),
  });
  if (venv.kind === 'failed') throw new Error(venv.reason);
  return venv.python;
}

export interface BuilderSpec {
  readonly name: string;
  readonly branch: string;
  readonly image?: string;
  readonly steps?: readonly Step[];
}

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  readonly timeoutSeconds: number | null;
}

/** What a build does unless its builder says otherwise: the commit's own `build.sh`. */
const RUN: Step = { name: 'build', command: ['/bin/sh', 'build.sh'], timeoutSeconds: null };

export function pipelineOf(
  repository: string,
  builders: readonly BuilderSpec[],
  options: { readonly name?: string; readonly testfix?: boolean; readonly pollSeconds?: number } = {},
) {
  return {
    name: options.name ?? 'demo',
    repository,
    pollSeconds: options.pollSeconds ?? 0.2,
    testfix: options.testfix ?? false,
    builders: builders.map((builder) => ({
      name: builder.name,
      branch: builder.branch,
      image: builder.image ?? null,
      steps: builder.steps ?? [RUN],
    })),
  };
}

const buildSchema = z.object({
  buildid: z.number(),
  number: z.number(),
  builderid: z.number(),
  complete: z.boolean(),
  results: z.number().nullable(),
  properties: z.object({ got_revision: z.tuple([z.string(), z.string()]).optional() }).nullable(),
});

export interface Build {
  readonly id: number;
  readonly number: number;
  readonly result: 'running' | 'green' | 'red' | 'other';
  readonly revision: string | undefined;
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Makes the repository (with one commit on `master`) and the directories; starts nothing. */
export async function createWorld() {
  const directory = await mkdtemp(join(tmpdir(), 'lpbuildbot-test-'));
  const python = await testPython();
  const ports = { web: await freePort(), workers: await freePort() };
  const repository = join(directory, 'repository.git');
  const clone = join(directory, 'clone');
  const masterDirectory = join(directory, 'master');
  const site: Site = {
    title: 'A test',
    url: `http://127.0.0.1:${ports.web}/`,
    web: { host: '127.0.0.1', port: ports.web },
    workers: { host: '127.0.0.1', port: ports.workers },
    loginsFile: join(directory, 'logins'),
    logRetentionDays: 30,
  };
  const git = async (...args: string[]) => {
    const identity = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
    const who = ['-c', 'user.name=Ann Author', '-c', 'user.email=ann@example.com'];
    return (await execa('git', ['-C', clone, ...who, ...args], { env: identity, stdin: 'ignore' })).stdout;
  };
  await execa('git', ['init', '--quiet', '--bare', '--initial-branch=master', repository]);
  await execa('git', ['clone', '--quiet', repository, clone]);

  /** Commits a `build.sh` of that content on a branch (made from HEAD when it is new), pushes it, gives the revision. */
  async function commit(branch: string, message: string, script = 'true'): Promise<string> {
    await git('checkout', '--quiet', '-B', branch);
    await writeFile(join(clone, 'build.sh'), `# ${message}\n${script}\n`);
    await git('add', '--all');
    await git('commit', '--quiet', '--allow-empty', `--message=${message}`);
    await git('push', '--quiet', '--force', 'origin', branch);
    return git('rev-parse', 'HEAD');
  }
  await commit('master', 'the first commit');

  let master: Master | undefined;
  const workers = new Map<string, Worker>();

  function configuration(
    builders: readonly BuilderSpec[],
    overrides: Partial<MasterConfiguration> & { readonly testfix?: boolean } = {},
  ): MasterConfiguration {
    const { testfix, ...rest } = overrides;
    return {
      python,
      directory: masterDirectory,
      pipeline: {
        format: 1,
        projects: [pipelineOf(repository, builders, testfix === undefined ? {} : { testfix })],
      },
      site,
      workers: [worker('one')],
      ...rest,
    };
  }

  /** Configures the master, which has to work, and tells it when it runs. */
  async function configure(wanted: MasterConfiguration): Promise<ConfigureOutcome> {
    const outcome = await configureMaster(master === undefined ? wanted : { ...wanted, running: master.pid });
    if (outcome.kind === 'refused') throw new Error(outcome.reason);
    return outcome;
  }

  async function start(): Promise<Master> {
    const outcome = await startMaster({ python, directory: masterDirectory });
    if (outcome.kind === 'failed') throw new Error(outcome.reason);
    master = outcome.master;
    return master;
  }

  /** Ends the master, cleanly or with kill -9, and starts it again on the same directory. */
  async function restart(how: 'now' | 'kill'): Promise<Master> {
    if (how === 'now') await master?.stop('now');
    else if (master !== undefined) {
      process.kill(master.pid, 'SIGKILL');
      await master.exited;
    }
    return start();
  }

  async function work(name = 'one', env: Readonly<Record<string, string>> = {}): Promise<Worker> {
    const path = join(directory, `worker-${name}`);
    await createWorker({
      directory: path,
      name,
      password: `secret of ${name}`,
      host: '127.0.0.1',
      port: ports.workers,
    });
    const started = await startWorker({ python, directory: path, env });
    workers.set(name, started);
    return started;
  }

  async function api(path: string): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(`${site.url}api/v2/${path}`);
      if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
      try {
        return await response.json();
      } catch (error) {
        // Buildbot writes bodies from a thread (www/rest.py, _write_json_data), and loses pieces on a busy machine.
        if (attempt === 3) throw error;
      }
    }
  }

  /** A builder's builds, oldest first. */
  async function builds(builder: string): Promise<Build[]> {
    const found = z
      .object({ builds: z.array(buildSchema) })
      .parse(await api(`builders/${builder}/builds?order=number&property=got_revision`));
    return found.builds.map((build) => ({
      id: build.buildid,
      number: build.number,
      result: !build.complete
        ? 'running'
        : build.results === 0
          ? 'green'
          : build.results === 2
            ? 'red'
            : 'other',
      revision: build.properties?.got_revision?.[0],
    }));
  }

  /** The messages of the changes that Buildbot shows for a build, oldest first. */
  async function changesOf(build: Build): Promise<string[]> {
    const found = z
      .object({ changes: z.array(z.object({ changeid: z.number(), comments: z.string() })) })
      .parse(await api(`builds/${build.id}/changes`));
    return found.changes.sort((a, b) => a.changeid - b.changeid).map((change) => change.comments);
  }

  async function log(): Promise<string> {
    return readFile(join(masterDirectory, 'twistd.log'), 'utf8').catch(() => '');
  }

  /** Waits until the condition gives something; shows the master's log when it never does. */
  async function until<T>(what: string, condition: () => Promise<T | undefined | false>): Promise<T> {
    const deadline = Date.now() + LIVENESS_SECONDS * 1000;
    while (Date.now() < deadline) {
      const value = await condition();
      if (value !== undefined && value !== false) return value;
      await sleep(30);
    }
    const tails = [`The master's log ends with:\n${lastLines(await log(), 40)}`];
    for (const name of workers.keys()) {
      const text = await readFile(join(directory, `worker-${name}/twistd.log`), 'utf8').catch(() => '');
      tails.push(`The log of worker ${name} ends with:\n${lastLines(text, 20)}`);
    }
    throw new Error(`not within ${LIVENESS_SECONDS} s: ${what}. ${tails.join('\n')}`);
  }

  /** Waits for the build of a revision that says something of it. */
  function built(builder: string, revision: string): Promise<Build> {
    return until(`${builder} builds ${revision}`, async () =>
      (await builds(builder)).find(
        (build) => build.revision === revision && (build.result === 'green' || build.result === 'red'),
      ),
    );
  }

  /** Waits for a line in the master's log, after what was there at `since`. */
  function logged(text: string, since = 0): Promise<true> {
    return until(
      `the log says "${text}"`,
      async () => (await log()).slice(since).includes(text) || undefined,
    );
  }

  async function login(name: string, password: string): Promise<Response> {
    const basic = Buffer.from(`${name}:${password}`).toString('base64');
    return fetch(`${site.url}auth/login`, {
      headers: { authorization: `Basic ${basic}` },
      redirect: 'manual',
    });
  }

  /** Asks for something that changes state, as Buildbot's pages do (JSON-RPC over POST). */
  async function control(path: string, method: string, params: object, cookie?: string): Promise<Response> {
    return fetch(`${site.url}api/v2/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(cookie === undefined ? {} : { cookie }) },
      body: JSON.stringify({ id: 1, jsonrpc: '2.0', method, params }),
    });
  }

  /** Does something as the one operator there is, who gets their login now. */
  async function asOperator(path: string, method: string, params: object): Promise<Response> {
    await writeFile(site.loginsFile, formatLogins(new Map([['olga', await hashPassword('olga’s word')]])));
    const session = await login('olga', 'olga’s word');
    const cookie = session.headers.getSetCookie().map((each) => each.split(';')[0]);
    return control(path, method, params, cookie.join('; '));
  }

  function force(branch: string, params: Record<string, string>): Promise<Response> {
    return asOperator(`forceschedulers/force-demo-${branch}`, 'force', params);
  }

  function stopBuild(id: number): Promise<Response> {
    return asOperator(`builds/${id}`, 'stop', { reason: 'a test' });
  }

  async function destroy(): Promise<void> {
    await Promise.all([...workers.values()].map((each) => each.stop('now')));
    await master?.stop('now');
    await rm(directory, { recursive: true, maxRetries: 5 });
  }

  return {
    ...{ directory, python, ports, repository, clone, masterDirectory, site, workers, git, commit },
    ...{ configuration, configure, start, restart, work, api, builds, changesOf, log, until, built, logged },
    ...{ login, control, asOperator, force, stopBuild, destroy },
  };
}

function lastLines(text: string, count: number): string {
  return text.split('\n').slice(-count).join('\n');
}

/** A worker as the master knows it; its password is the one that `work` uses. */
export function worker(name: string, images: readonly string[] = []): MasterWorker {
  return { name, password: `secret of ${name}`, images, capacity: 1 };
}

/** A port that nothing listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** The processes whose environment or arguments name a directory, so that a test can see that none is left. */
export async function processesIn(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(directory)) found.push(command.replaceAll('\0', ' '));
  }
  return found;
}

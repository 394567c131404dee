/**
 * The smallest real Buildbot that can tell the fake's stories: one builder, which checks out a commit of a test
 * repository, waits while it is told to, and fails when the commit has a file `red`.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { z } from 'zod';
import type { BareRepository } from './git-repository.ts';
import { freePort } from './ports.ts';
import { Child } from './processes.ts';
import { waitUntil } from './wait.ts';

const pageSchema = z.object({
  builds: z.array(z.object({ buildid: z.int(), complete: z.boolean() })).optional(),
  buildrequests: z.array(z.object({ buildrequestid: z.int() })).optional(),
});

export class RealBuildbot implements AsyncDisposable {
  readonly #directory: string;
  readonly #buildbot: string;
  readonly #port: number;
  #master: Child | undefined;

  private constructor(directory: string, buildbot: string, port: number) {
    this.#directory = directory;
    this.#buildbot = buildbot;
    this.#port = port;
  }

  /** @param python the interpreter of an environment that has buildbot and buildbot-worker. */
  static async start(python: string, repository: BareRepository): Promise<RealBuildbot> {
    const directory = repository.world.path('master');
    const real = new RealBuildbot(directory, join(dirname(python), 'buildbot'), await freePort());
    await execa(real.#buildbot, ['create-master', '--relocatable', directory]);
    await mkdir(join(directory, 'jobs'));
    for (const folder of ['new', 'cur', 'tmp']) await mkdir(join(directory, 'jobs', folder));
    await writeFile(join(directory, 'master.cfg'), configuration(real.#port, repository.path, directory));
    await real.#start();
    return real;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  /** Lets builds wait in the middle from now on. */
  async hold(): Promise<void> {
    await writeFile(join(this.#directory, 'hold'), '');
  }

  /** Asks for a build of this commit of `master`; it goes into the queue. */
  async ask(revision: string): Promise<void> {
    const params = { builderid: 1, branch: 'master', revision };
    const response = await fetch(`${this.url}api/v2/forceschedulers/force`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'force', params }),
    });
    if (!response.ok) throw new Error(`forcing a build was answered with ${await response.text()}`);
  }

  /** Asks for the same with a patch on top, as `buildbot try` does (format: buildbot/schedulers/trysched.py). */
  async askPatched(revision: string): Promise<void> {
    const job = JSON.stringify({
      jobid: 'try-1',
      branch: 'master',
      baserev: revision,
      patch_level: 0,
      patch_body: '--- /dev/null\n+++ tried.txt\n@@ -0,0 +1 @@\n+tried\n',
      repository: '',
      project: '',
      who: 'ada',
      comment: '',
      builderNames: ['unit'],
      properties: {},
    });
    const file = join(this.#directory, 'jobs', 'tmp', 'job');
    await writeFile(file, `1:5,${Buffer.byteLength(job)}:${job},`);
    await rename(file, join(this.#directory, 'jobs', 'new', 'job'));
  }

  /** Waits until so many builds have finished. */
  async finished(count: number): Promise<void> {
    await this.#until(
      `${count} finished builds`,
      'builds?complete=true',
      ({ builds }) => builds?.length === count,
    );
  }

  /** Waits until a build has checked out its commit. */
  async checkedOut(buildid: number): Promise<void> {
    const query = `builds/${buildid}/properties`;
    await waitUntil('the checkout', async () => (await this.#text(query)).includes('got_revision'), {
      seen: () => this.#master?.output ?? '',
    });
  }

  async queued(count: number): Promise<void> {
    const query = 'buildrequests?complete=false&claimed=false';
    await this.#until(
      `${count} waiting requests`,
      query,
      ({ buildrequests }) => buildrequests?.length === count,
    );
  }

  /** Power is lost and comes back; builds no longer wait in the middle. */
  async crash(): Promise<void> {
    await this.#master?.kill9('all');
    await this.#start();
  }

  async release(): Promise<void> {
    await rm(join(this.#directory, 'hold'), { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#master?.[Symbol.asyncDispose]();
  }

  async #start(): Promise<void> {
    await rm(join(this.#directory, 'twistd.pid'), { force: true });
    const master = await Child.start(this.#buildbot, ['start', '--nodaemon', this.#directory]);
    this.#master = master;
    await waitUntil(
      'Buildbot to answer',
      async () => {
        if (!master.running) throw new Error(`Buildbot ended:\n${await this.#log()}`);
        return (await this.#text('builders?name=unit').catch(() => '')).includes('"unit"');
      },
      { seen: () => master.output },
    );
  }

  #log(): Promise<string> {
    return readFile(join(this.#directory, 'twistd.log'), 'utf8').catch(() => 'it wrote no log');
  }

  async #text(query: string): Promise<string> {
    const response = await fetch(`${this.url}api/v2/${query}`);
    return response.text();
  }

  async #until(
    what: string,
    query: string,
    holds: (page: z.infer<typeof pageSchema>) => boolean,
  ): Promise<void> {
    let seen = '';
    await waitUntil(
      what,
      async () => {
        seen = await this.#text(query);
        if (holds(pageSchema.parse(JSON.parse(seen)))) return true;
        await setTimeout(50);
        return false;
      },
      { seen: () => seen },
    );
  }
}

function configuration(port: number, repository: string, directory: string): string {
  return `
from buildbot.plugins import schedulers, steps, util, worker

c = BuildmasterConfig = {}
c['buildbotURL'] = 'http://127.0.0.1:${port}/'
c['buildbotNetUsageData'] = None
c['www'] = {'port': 'tcp:${port}:interface=127.0.0.1'}
c['workers'] = [worker.LocalWorker('local')]
# Nobody uses it: the worker is in the master. Buildbot wants one nonetheless.
c['protocols'] = {'null': {}}
c['collapseRequests'] = False
factory = util.BuildFactory([
    steps.Git(repourl='${repository}', mode='full', method='fresh'),
    steps.ShellCommand(command=['sh', '-c', 'while [ -e ${directory}/hold ]; do sleep 0.05; done; test ! -e red']),
])
c['builders'] = [util.BuilderConfig(name='unit', workernames=['local'], factory=factory)]
tries = schedulers.Try_Jobdir(name='try', builderNames=['unit'], jobdir='jobs')
tries.watcher.pollInterval = 0.1
c['schedulers'] = [schedulers.ForceScheduler(name='force', builderNames=['unit']), tries]
`;
}

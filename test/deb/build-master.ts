/** A real Buildbot 4.3 master on the bridge, with TLS for its workers, and a repository that it builds. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configureMaster, ensureVenv, type Master, startMaster } from '@lpbuildbot/buildbot';
import { execa } from 'execa';
import { z } from 'zod';
import { freePort } from '../support/ports.ts';
import { waitUntil } from '../support/wait.ts';

const root = join(import.meta.dirname, '../..');
const PATIENCE = 180_000;

export interface Builder {
  readonly name: string;
  /** The image that its builds run in. */
  readonly image: string;
}

export interface Build {
  readonly id: number;
  readonly result: 'running' | 'green' | 'red' | 'other';
  readonly revision: string | undefined;
}

const buildsSchema = z.object({
  builds: z.array(
    z.object({
      buildid: z.number(),
      complete: z.boolean(),
      results: z.number().nullable(),
      properties: z.object({ got_revision: z.tuple([z.string(), z.string()]).optional() }).nullable(),
    }),
  ),
});
const workersSchema = z.object({
  workers: z.array(z.object({ name: z.string(), connected_to: z.array(z.unknown()) })),
});
const stepsSchema = z.object({ steps: z.array(z.object({ stepid: z.number(), name: z.string() })) });
const logsSchema = z.object({ logs: z.array(z.object({ logid: z.number() })) });

export class BuildMaster {
  readonly port: number;
  readonly #directory: string;
  readonly #web: string;
  readonly #master: Master;

  private constructor(directory: string, port: number, web: string, master: Master) {
    this.#directory = directory;
    this.port = port;
    this.#web = web;
    this.#master = master;
  }

  /**
   * Starts it in `directory`, for workers at `host`. `url` is where the web server of the test has `directory`: the
   * repository is fetched from there, by the master and the workers alike.
   */
  static async start(
    directory: string,
    host: string,
    url: string,
    worker: { readonly name: string; readonly password: string },
    builders: readonly Builder[],
  ): Promise<BuildMaster> {
    const venv = await ensureVenv({
      python: process.env.LPBUILDBOT_PYTHON ?? 'python3.11',
      directory: join(root, '.lpbuildbot/venv'),
    });
    if (venv.kind === 'failed') throw new Error(venv.reason);
    await createRepository(directory);
    const tls = await createAuthority(directory, host);
    const ports = { web: await freePort(), workers: await freePort() };
    const web = `http://127.0.0.1:${ports.web}/`;
    const home = join(directory, 'master');
    const step = { name: 'build', command: ['/bin/sh', 'build.sh'], timeoutSeconds: null };
    const configured = await configureMaster({
      python: venv.python,
      directory: home,
      pipeline: {
        format: 1,
        projects: [
          {
            name: 'demo',
            repository: `${url}/repository.git`,
            pollSeconds: 0.5,
            testfix: false,
            builders: builders.map(({ name, image }) => ({
              name,
              branch: name,
              image,
              steps: [
                {
                  ...step,
                  command: ['lpbuildbot-run', '--image', image, '--bind', '.', '--', ...step.command],
                },
              ],
            })),
          },
        ],
      },
      site: {
        title: 'A site',
        url: web,
        web: { host: '127.0.0.1', port: ports.web },
        workers: { host, port: ports.workers },
        workersTls: tls,
        loginsFile: join(directory, 'logins'),
        logRetentionDays: 30,
      },
      workers: [{ ...worker, images: builders.map(({ image }) => image), capacity: 1 }],
    });
    if (configured.kind === 'refused') throw new Error(configured.reason);
    const started = await startMaster({ python: venv.python, directory: home });
    if (started.kind === 'failed') throw new Error(started.reason);
    return new BuildMaster(directory, ports.workers, web, started.master);
  }

  get authority(): string {
    return join(this.#directory, 'ca.pem');
  }

  /** Commits a build.sh on a branch of that name, which its builder builds; gives the revision. */
  async commit(branch: string, script: string): Promise<string> {
    const clone = join(this.#directory, 'clone');
    const git = async (...words: string[]): Promise<string> =>
      (await execa('git', ['-C', clone, ...words])).stdout;
    await git('checkout', '--quiet', '-B', branch);
    await writeFile(join(clone, 'build.sh'), `# ${Date.now()}\n${script}\n`);
    await git('add', '--all');
    await git(
      '-c',
      'user.name=Ann',
      '-c',
      'user.email=ann@example.com',
      'commit',
      '--quiet',
      '--message=a change',
    );
    await git('push', '--quiet', '--force', 'origin', branch);
    await execa('git', ['-C', join(this.#directory, 'repository.git'), 'update-server-info']);
    return await git('rev-parse', 'HEAD');
  }

  async builds(builder: string): Promise<Build[]> {
    const { builds } = buildsSchema.parse(
      await this.#get(`builders/${builder}/builds?order=number&property=got_revision`),
    );
    return builds.map(({ buildid, complete, results, properties }) => ({
      id: buildid,
      result: !complete ? 'running' : results === 0 ? 'green' : results === 2 ? 'red' : 'other',
      revision: properties?.got_revision?.[0],
    }));
  }

  /** Waits for the build of a revision: until it runs, or until it has ended. */
  async build(builder: string, revision: string, until: 'runs' | 'ended'): Promise<Build> {
    return await waitUntil(
      `${builder} ${until === 'runs' ? 'building' : 'to have built'} ${revision}`,
      async () =>
        (await this.builds(builder)).findLast(
          (build) => build.revision === revision && (until === 'runs') === (build.result === 'running'),
        ),
      { timeout: PATIENCE, every: 200 },
    );
  }

  /** What the build's step said, with the headers that Buildbot puts around it. */
  async output(build: Build): Promise<string> {
    const { steps } = stepsSchema.parse(await this.#get(`builds/${build.id}/steps`));
    const step = steps.find(({ name }) => name === 'build');
    if (step === undefined) return '';
    const { logs } = logsSchema.parse(await this.#get(`steps/${step.stepid}/logs`));
    const texts = await Promise.all(
      logs.map(async ({ logid }) => (await fetch(`${this.#web}api/v2/logs/${logid}/raw`)).text()),
    );
    return texts.join('\n');
  }

  async isConnected(worker: string): Promise<boolean> {
    const { workers } = workersSchema.parse(await this.#get('workers'));
    return workers.some(({ name, connected_to }) => name === worker && connected_to.length > 0);
  }

  async log(): Promise<string> {
    return await readFile(join(this.#directory, 'master/twistd.log'), 'utf8');
  }

  async stop(): Promise<void> {
    await this.#master.stop('now');
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(`${this.#web}api/v2/${path}`);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
    return await response.json();
  }
}

async function createRepository(directory: string): Promise<void> {
  const bare = join(directory, 'repository.git');
  await execa('git', ['init', '--quiet', '--bare', '--initial-branch=master', bare]);
  await execa('git', ['clone', '--quiet', bare, join(directory, 'clone')]);
}

/** An authority of the site's own, and a certificate by it for the master at that address. */
async function createAuthority(
  directory: string,
  host: string,
): Promise<{ keyFile: string; certificateFile: string }> {
  await mkdir(directory, { recursive: true });
  const openssl = (...words: string[]) => execa('openssl', words, { cwd: directory });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=The site',
  );
  await openssl(
    ...[
      'req',
      '-x509',
      ...key,
      '-keyout',
      'master.key',
      '-out',
      'master.pem',
      '-days',
      '2',
      '-subj',
      '/CN=master',
    ],
    ...[
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-addext',
      `subjectAltName=IP:${host}`,
      '-addext',
      'basicConstraints=CA:FALSE',
    ],
  );
  return { keyFile: join(directory, 'master.key'), certificateFile: join(directory, 'master.pem') };
}

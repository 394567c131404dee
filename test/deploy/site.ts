/**
 * The world that the cases tell about: a project on a git server, a master and workers; and what people do in it: they commit, and
 * look at branches, builds and statuses.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';
import { waitUntil } from '../support/wait.ts';
import { tell } from './cases.ts';
import { type Model, type Settings, settled, unitsIn } from './model.ts';

/** A clone on the forge, which commits are made in. */
export const work = '/srv/git/work';
/** Where a worker builds. */
const BUILDS = '/var/lib/buildbot/slaves/*/build';

// In /run/lxc are the locks of liblxc, which go with the next boot.
const TRACES = `
dpkg-query --show --showformat='package \${Package} \${db:Status-Abbrev}\\n'
cut -d: -f1 /etc/passwd | sed 's/^/user /'
cut -d: -f1 /etc/group | sed 's/^/group /'
ls /etc/systemd/system /etc/systemd/system/*.wants | sed 's/^/unit /'
find /etc /opt /srv /usr/local /usr/lib/lpbuildbot /var/lib /var/log /run -xdev \\( -iname '*buildbot*' -o -iname '*buildslave*' -o -name 'lxd*' \\) -not -path '*/juju/*' -not -path '/var/lib/dpkg/*' -not -path '/var/lib/systemd/*' -not -path '/run/lxc/*' 2>/dev/null | sed 's/^/file /'
ls / /srv /var/lib /opt /usr/local/bin | sed 's/^/entry /'
ps -eo args= | grep -iE 'buildbot|buildslave|lxd|dnsmasq' | grep -v grep | sed 's/^/process /'
ip -o link | awk '{print "link " $2}' | grep -v 'eth0\\|lo:'
`;

const buildsSchema = z.object({
  builds: z.array(
    z.object({
      buildid: z.number(),
      complete: z.boolean(),
      results: z.number().nullable(),
      workerid: z.number().nullable().optional(),
      state_string: z.string(),
    }),
  ),
});
export type Build = z.infer<typeof buildsSchema>['builds'][number];

const slug = (message: string): string => message.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

/** Exit codes of a build, by Buildbot's numbers. */
export const SUCCESS = 0;

export class Site {
  readonly model: Model;
  readonly directory: string;
  /** The forge's address, once it is there. */
  forge = '';
  /** The master's secret, as it was first. */
  secret: Readonly<Record<string, string>> = {};
  /** The unit of the master: another one after it was lost. */
  master = 'buildbot-master/0';
  /** What there was on the machine of the witness before a worker came. */
  before: readonly string[] = [];

  constructor(model: Model, directory: string) {
    this.model = model;
    this.directory = directory;
  }

  /** What the master is configured with. */
  pipeline(more = ''): string {
    return `project: site
repository: git://${this.forge}/project.git
push: ssh://git@${this.forge}/srv/git/project.git
poll: 1s
images:
  plain: { base: "images:debian/12" }
builders:
  check: { branch: master, image: plain, steps: ["sh ./check.sh"] }
promotions:
  - { from: master, to: stable }
${more}`;
  }

  /** What a unit could leave on the machine of the witness: packages, users, groups, units, files, mounts, processes. */
  async traces(): Promise<readonly string[]> {
    const { output } = await this.model.ssh('witness/0', TRACES);
    return output.split('\n').filter(Boolean);
  }

  /** Somebody commits to master; gives the revision. `check` is what the build runs in its container. */
  async commit(message: string, check = 'true'): Promise<string> {
    const script = [
      `cd ${work}; git pull -q --ff-only origin master`,
      `cat > check.sh <<'END'\n${check}\nEND`,
      `git add check.sh; git commit -q --allow-empty -m '${message}'; git push -q origin HEAD:refs/heads/master; git rev-parse HEAD`,
    ];
    return await this.onForge(script.join('\n'));
  }

  async branch(name: string): Promise<string> {
    return await this.onForge(`git -C /srv/git/project.git rev-parse --verify refs/heads/${name}`);
  }

  /** Waits until that branch is at the revision. */
  async reaches(branch: string, revision: string, seconds = 180): Promise<void> {
    tell(`waiting: ${branch} at ${revision.slice(0, 7)}`);
    await waitUntil(`${branch} to be at ${revision}`, async () => (await this.branch(branch)) === revision, {
      timeout: seconds * 1000,
      every: 500,
    });
  }

  /** Runs a shell script as the git server's user; it has to succeed. */
  async onForge(script: string): Promise<string> {
    const quoted = script.replaceAll("'", "'\\''");
    const { code, output } = await this.model.ssh('forge/0', `runuser -u git -- sh -euc '${quoted}'`);
    if (code !== 0) throw new Error(`on the git server, exit code ${code}: ${script}\n${output}`);
    return output.trim();
  }

  /**
   * A commit whose build goes on until `finish`. Gives the revision, and the unit of the worker that builds it, once it does.
   * A build that was broken off leaves its files: those of this one have a name of their own.
   */
  async slowCommit(message: string): Promise<{ readonly revision: string; readonly unit: string }> {
    const [started, finish] = [`started-${slug(message)}`, `finish-${slug(message)}`];
    const check = `touch ${started}; until [ -e ${finish} ]; do sleep 0.2; done; rm ${finish} ${started}`;
    const revision = await this.commit(message, check);
    return { revision, unit: await this.builderOf(message) };
  }

  /** The unit of the worker on which a slow build has begun. */
  async builderOf(message: string): Promise<string> {
    return await waitUntil(
      `the build of "${message}" to begin`,
      async () => {
        for (const [unit] of unitsIn(await this.model.status(), 'buildbot-worker')) {
          const { code } = await this.model.ssh(unit, `ls ${BUILDS}/started-${slug(message)}`);
          if (code === 0) return unit;
        }
        return undefined;
      },
      { timeout: 180_000, every: 500 },
    );
  }

  async finish(unit: string): Promise<void> {
    await this.model.ssh(
      unit,
      `for started in ${BUILDS}/started-*; do [ ! -e "$started" ] || touch "$(echo "$started" | sed 's:/started-:/finish-:')"; done`,
    );
  }

  /** For a build that begins again, nobody knows when and where: finishes whatever has begun until the branch is at the revision. */
  async finishUntil(branch: string, revision: string): Promise<void> {
    tell(`waiting: ${branch} at ${revision.slice(0, 7)}, built again`);
    await waitUntil(
      `${branch} to be at ${revision}`,
      async () => {
        for (const unit of await this.workers()) await this.finish(unit);
        return (await this.branch(branch)) === revision;
      },
      { timeout: 300_000, every: 1000 },
    );
  }

  /** Every action has to succeed. */
  async run(unit: string, action: string, parameters: Settings = {}): Promise<void> {
    const { status, message } = await this.model.run(unit, action, parameters);
    if (status !== 'completed') throw new Error(`${action} on ${unit}: ${status}, ${message}`);
  }

  /** The workers' units, as they are now. */
  async workers(): Promise<readonly string[]> {
    return unitsIn(await this.model.status(), 'buildbot-worker').map(([unit]) => unit);
  }

  /** Makes a backup and brings it here, as an operator does; gives its path. */
  async fetchBackup(): Promise<string> {
    const { status, message, results } = await this.model.run(this.master, 'backup');
    if (status !== 'completed') throw new Error(`backup: ${status}, ${message}`);
    const file = join(this.directory, 'backup.tar.gz');
    // Only root reads it there: `juju scp` cannot.
    await this.#shell(`juju ssh ${this.master} sudo cat ${results.file} > ${file}`);
    return file;
  }

  async restoreBackup(file: string): Promise<void> {
    await this.#shell(`juju scp ${file} ${this.master}:backup.tar.gz`);
    await this.run(this.master, 'restore', { file: '/home/ubuntu/backup.tar.gz' });
  }

  /** Where `juju` is about this model. */
  async #shell(script: string): Promise<void> {
    const { environment, close } = await this.model.client();
    try {
      await execa('bash', ['-euc', script], { env: environment, stdin: 'ignore' });
    } finally {
      await close();
    }
  }

  /** The worker on the machine of the witness, and then the others. */
  async workersFromWitness(): Promise<readonly string[]> {
    const status = await this.model.status();
    const machine = unitsIn(status, 'witness')[0]?.[1].machine;
    const workers = unitsIn(status, 'buildbot-worker');
    const there = ([, unit]: (typeof workers)[number]): boolean => unit.machine === machine;
    const ordered = [...workers.filter(there), ...workers.filter((worker) => !there(worker))];
    return ordered.map(([name]) => name);
  }

  /** The builds that the master knows, newest first. */
  async builds(): Promise<readonly Build[]> {
    const { code, output } = await this.model.ssh(
      this.master,
      'curl -fsS "http://127.0.0.1:8010/api/v2/builds?order=-buildid&limit=50"',
    );
    return code === 0 ? buildsSchema.parse(JSON.parse(output)).builds : [];
  }

  /** Waits until the newest build is over; it is that of the newest commit, since nothing else is built meanwhile. */
  async built(message: string): Promise<Build> {
    const tip = await this.branch('master');
    return await waitUntil(
      `the build of "${message}" to end`,
      async () => {
        const [newest] = await this.builds();
        const { output } = await this.model.ssh(
          this.master,
          `curl -fsS "http://127.0.0.1:8010/api/v2/builds/${newest?.buildid ?? 0}/properties"`,
        );
        return newest?.complete === true && output.includes(tip) ? newest : undefined;
      },
      { timeout: 180_000, every: 500 },
    );
  }

  /** The master and this many workers are active, and nothing runs on them. */
  async active(workers: number, seconds = 600): Promise<void> {
    await this.model.waitFor(
      `master and ${workers} worker${workers === 1 ? '' : 's'} active`,
      (status) => settled(status, 'buildbot-master', 1) && settled(status, 'buildbot-worker', workers),
      seconds,
    );
  }

  async destroy(): Promise<void> {
    await this.model.destroy();
    await rm(this.directory, { recursive: true, force: true });
  }
}

export async function newKey(path: string): Promise<{ readonly private: string; readonly public: string }> {
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'site', '-f', path]);
  return {
    private: await readFile(path, 'utf8'),
    public: (await readFile(`${path}.pub`, 'utf8')).trim(),
  };
}

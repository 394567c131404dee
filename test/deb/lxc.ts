/** A machine that the tests of the packages run on: an LXD container with systemd, thrown away at the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';

export interface Ran {
  readonly code: number;
  /** Standard output and standard error in the order in which they came. */
  readonly output: string;
}

const LIVENESS_SECONDS = 180;
const LONGEST_SECONDS = 240;

export class Machine {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** A machine from an image; `nesting` lets it run containers itself. It is up when this returns. */
  static async launch(image: string, name: string, nesting: 'nesting' | 'plain' = 'plain'): Promise<Machine> {
    const machine = new Machine(name);
    const settings = nesting === 'nesting' ? ['-c', 'security.nesting=true'] : [];
    await lxc(['launch', '--quiet', image, name, ...settings]);
    try {
      await machine.until('it is up', async () => {
        // An exec into a machine that is just booting is sometimes never answered.
        const { output } = await machine.run('systemctl is-system-running; hostname -I', '', 10);
        return /^(running|degraded)\n\S*\d+\.\d+/.test(output);
      });
      return machine;
    } catch (error) {
      await machine.destroy();
      throw error;
    }
  }

  /** Runs a shell script as root, for so many seconds at most. */
  async run(script: string, input = '', seconds = LONGEST_SECONDS): Promise<Ran> {
    // Standard input that ends at once, while the exec is being set up, now and then keeps it from ever ending.
    const stdin = input === '' ? ['--disable-stdin'] : [];
    const { exitCode, all } = await execa('lxc', ['exec', ...stdin, this.name, '--', 'sh', '-c', script], {
      all: true,
      reject: false,
      ...(input === '' ? { stdin: 'ignore' as const } : { input }),
      timeout: seconds * 1000,
      forceKillAfterDelay: 1000,
    });
    return { code: exitCode ?? 255, output: all };
  }

  /** Runs a script that has to succeed; gives what it said. */
  async sh(script: string, input = ''): Promise<string> {
    const { code, output } = await this.run(script, input);
    if (code !== 0) throw new Error(`on ${this.name}, exit code ${code} of: ${script}\n${output}`);
    return output.trimEnd();
  }

  async write(path: string, content: string, mode = '0644'): Promise<void> {
    await this.sh(`mkdir -p "$(dirname '${path}')" && cat >'${path}' && chmod ${mode} '${path}'`, content);
  }

  async push(file: string, path: string): Promise<void> {
    await lxc(['file', 'push', '--quiet', '--create-dirs', file, `${this.name}${path}`]);
  }

  /** Waits until the condition holds. */
  async until(what: string, condition: () => Promise<boolean>, seconds = LIVENESS_SECONDS): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error(`on ${this.name}, not within ${seconds} s: ${what}`);
      await sleep(100);
    }
  }

  async destroy(): Promise<void> {
    await execa('lxc', ['delete', '--force', this.name], { reject: false });
  }
}

/** All machines of one `npm run test:deb` have its number in their names, so that none stays when a test file is killed. */
export const RUN = 'LPBUILDBOT_TEST_RUN';

export function machineName(purpose: string): string {
  return `lpb-${purpose}-${process.env[RUN] ?? process.pid}`;
}

/** Deletes what is left of that run's machines. */
export async function deleteMachines(run: string): Promise<void> {
  const names = (await lxc(['list', '--format=csv', '--columns=n'])).split('\n');
  for (const name of names.filter((each) => each.startsWith('lpb-') && each.endsWith(`-${run}`))) {
    await new Machine(name).destroy();
  }
}

/** Runs lxc, which has to succeed; gives its standard output. */
export async function lxc(argv: readonly string[]): Promise<string> {
  const { stdout } = await execa('lxc', argv, { input: '' });
  return stdout;
}

/** The address of this machine on the bridge that the containers are on. */
export async function bridgeAddress(): Promise<string> {
  return (await lxc(['network', 'get', 'lxdbr0', 'ipv4.address'])).replace(/\/.*$/, '');
}

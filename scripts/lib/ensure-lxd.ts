/**
 * Makes sure of a working LXD on a bare Debian 12: installed, running, with a btrfs pool (copies of containers are then
 * snapshots) and a NAT bridge. The tests and benchmarks of the worker need it, and a fresh machine has none. Where there
 * is no systemd, as in most containers, the daemon is started by hand and stays when this program ends.
 */
import { spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { withSubordinateIds } from './ensure-lxd-ids.ts';
import { chooseBridgeAddress, routedSubnets } from './ensure-lxd-subnet.ts';
import { installPackages, isProgram, mayInstallPackages } from './install-packages.ts';
import {
  installFailed,
  installing,
  lxdHasNoSubnet,
  lxdNeedsDebian,
  lxdNeedsRoot,
  lxdReady,
  lxdStepFailed,
} from './messages.ts';
import { runProgram } from './run-program.ts';

const packages = [
  'lxd',
  'lxd-client',
  'btrfs-progs',
  'dnsmasq-base',
  'iptables',
  'nftables',
  'uidmap',
  'mmdebstrap',
];

/** Programs that tell whether those packages are there. */
const programs = ['lxd', 'lxc', 'btrfs', 'dnsmasq', 'nft', 'newuidmap', 'mmdebstrap'];

const directories = ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/snap/bin'];

export type LxdOutcome =
  | { readonly kind: 'ready'; readonly sentence: string }
  | { readonly kind: 'failed'; readonly sentence: string };

/** Ids of users and groups of this machine that containers may be given, besides those of the first ordinary user. */
export interface LxdNeeds {
  readonly ownIds?: readonly number[];
  readonly say?: (line: string) => void;
}

/** Brings LXD up and leaves it running. Running it again, or several at once, changes nothing more. */
export async function ensureLxd(needs: LxdNeeds = {}): Promise<LxdOutcome> {
  const say = needs.say ?? console.error;
  if (process.getuid?.() !== 0) return { kind: 'failed', sentence: lxdNeedsRoot };
  const turn = await takeTurn();
  try {
    const sentence = await bringUp([1000, ...(needs.ownIds ?? [])], say);
    return { kind: 'ready', sentence };
  } catch (error) {
    if (error instanceof Obstacle) return { kind: 'failed', sentence: error.message };
    throw error;
  } finally {
    turn.close();
  }
}

/** What keeps LXD from running, as a sentence. */
class Obstacle extends Error {}

/** An abstract socket is a lock that the kernel frees, however its holder ends. */
async function takeTurn(): Promise<{ close(): void }> {
  for (;;) {
    const server = createServer();
    const listening = Promise.withResolvers<boolean>();
    server.once('error', () => listening.resolve(false));
    server.listen('\0lpbuildbot-ensure-lxd', () => listening.resolve(true));
    if (await listening.promise) return server;
    await sleep(500);
  }
}

async function bringUp(ownIds: readonly number[], say: (line: string) => void): Promise<string> {
  await ensureInstalled(say);
  const changed = [await ensureIds('/etc/subuid', ownIds), await ensureIds('/etc/subgid', ownIds)];
  const running = await serverOf();
  if (running === undefined) await start();
  // The daemon reads the ranges once.
  else if (changed.includes(true)) await restart(running.environment.server_pid);
  await ensureInitialised();
  const server = await serverOf();
  if (server === undefined) throw new Obstacle(lxdStepFailed('lxc query /1.0', ''));
  const network = await command(['lxc', 'network', 'get', 'lxdbr0', 'ipv4.address']).catch(() => '');
  return lxdReady(server.environment.server_version, network.trim());
}

async function ensureInstalled(say: (line: string) => void): Promise<void> {
  if (await installed()) return;
  if (!(await mayInstallPackages())) throw new Obstacle(lxdNeedsDebian(packages));
  say(installing(packages));
  const { output } = await installPackages(packages);
  if (!(await installed())) throw new Obstacle(installFailed(packages, output));
}

async function installed(): Promise<boolean> {
  for (const program of programs) {
    const found = await Promise.all(directories.map((directory) => isProgram(`${directory}/${program}`)));
    if (!found.includes(true)) return false;
  }
  return true;
}

async function ensureIds(file: string, ownIds: readonly number[]): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const wanted = withSubordinateIds(text, ownIds);
  if (wanted !== undefined) await writeFile(file, wanted);
  return wanted !== undefined;
}

const hasSystemd = (): boolean => existsSync('/run/systemd/system');

const logFile = '/var/log/lxd/lxd.log';

async function start(): Promise<void> {
  if (hasSystemd()) {
    await command(['systemctl', 'start', 'lxd.socket', 'lxd.service']);
  } else {
    await mkdir('/var/log/lxd', { recursive: true });
    // Nothing of ours may be inherited: the daemon outlives this program.
    const log = openSync('/var/log/lxd/daemon.log', 'a');
    const daemon = spawn('lxd', ['--group', 'lxd', '--logfile', logFile], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: '/root',
        LANG: 'C.UTF-8',
      },
    });
    const started = Promise.withResolvers<void>();
    daemon.once('spawn', () => started.resolve());
    daemon.once('error', (error) => started.reject(new Obstacle(lxdStepFailed('lxd', error.message))));
    await started.promise;
    daemon.unref();
  }
  await command(['lxd', 'waitready', '--timeout=120']);
}

async function restart(pid: number): Promise<void> {
  if (hasSystemd()) {
    await command(['systemctl', 'restart', 'lxd.service']);
    await command(['lxd', 'waitready', '--timeout=120']);
    return;
  }
  // SIGTERM ends the daemon and leaves the containers running (SIGPWR would stop them).
  process.kill(pid, 'SIGTERM');
  while (existsSync(`/proc/${pid}`)) await sleep(100);
  await start();
}

async function ensureInitialised(): Promise<void> {
  const profile = profileSchema.parse(answerOf(await command(['lxc', 'query', '/1.0/profiles/default'])));
  const types = Object.values(profile.devices).map((device) => device.type);
  if (types.includes('disk') && types.includes('nic')) return;
  const routes = await readFile('/proc/net/route', 'utf8');
  const address = chooseBridgeAddress(routedSubnets(routes));
  if (address === undefined) throw new Obstacle(lxdHasNoSubnet);
  await command(['lxd', 'init', '--preseed'], preseed(address));
}

/** In the format of `lxd init --preseed`. The pool's file is sparse: it takes what is used. */
const preseed = (address: string): string =>
  JSON.stringify({
    config: { 'images.auto_update_interval': '0' },
    storage_pools: [{ name: 'default', driver: 'btrfs', config: { size: '40GiB' } }],
    networks: [
      {
        name: 'lxdbr0',
        type: 'bridge',
        config: { 'ipv4.address': address, 'ipv4.nat': 'true', 'ipv6.address': 'none' },
      },
    ],
    profiles: [
      {
        name: 'default',
        devices: {
          root: { type: 'disk', path: '/', pool: 'default' },
          eth0: { type: 'nic', name: 'eth0', network: 'lxdbr0' },
        },
      },
    ],
  });

const profileSchema = z.object({ devices: z.record(z.string(), z.record(z.string(), z.string())) });

const serverSchema = z.object({
  environment: z.object({ server_pid: z.number(), server_version: z.string() }),
});

async function serverOf(): Promise<z.infer<typeof serverSchema> | undefined> {
  const { code, output } = await runProgram(['lxc', 'query', '/1.0'], { cwd: '/' });
  return code === 0 ? serverSchema.parse(answerOf(output)) : undefined;
}

/** Its first run on a machine says a few words to newcomers before the answer. */
const answerOf = (output: string): unknown => JSON.parse(output.slice(output.indexOf('{')));

async function command(argv: readonly string[], input?: string): Promise<string> {
  const { code, output } = await runProgram(argv, { cwd: '/', ...(input === undefined ? {} : { input }) });
  if (code !== 0) throw new Obstacle(lxdStepFailed(argv.join(' '), output));
  return output;
}

/** Whether the worker is set up, runs, and has its master: from systemd, the kernel's list of connections, and its own log. */
import { open, readdir, readFile, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Run } from '../setup/machine.ts';
import { type MasterAddress, printMasterAddress } from '../setup/master-address.ts';
import { PLACES, SERVICE } from '../setup/places.ts';
import { masterOfTac, tacPath } from '../setup/worker-files.ts';
import type { WorkerFacts } from './facts.ts';

const REACH_MILLISECONDS = 3000;
const LOG_BYTES = 65_536;

export async function observeWorker(run: Run): Promise<WorkerFacts> {
  const tac = await readFile(tacPath(PLACES), 'utf8').catch(() => undefined);
  if (tac === undefined) return { kind: 'not-set-up' };
  const { output } = await run(['systemctl', 'show', '--property=LoadState,ActiveState,MainPID', SERVICE]);
  const pid = Number(/^MainPID=(\d+)$/m.exec(output)?.[1] ?? 0);
  const master = masterOfTac(tac);
  return {
    kind: 'set-up',
    service: !output.includes('LoadState=loaded') ? 'absent' : pid > 0 ? 'running' : 'stopped',
    connection:
      pid > 0 && master !== undefined && (await isConnected(pid, master.port)) ? 'established' : 'none',
    refused: refusalIn(await endOf(`${PLACES.worker}/twistd.log`)),
    master: {
      text: master === undefined ? '?' : printMasterAddress(master),
      reachable: master === undefined ? 'yes' : await reach(master),
    },
  };
}

/** The sentences of Buildbot's worker (buildbot_worker/pb.py, pbutil.py). */
export function refusalIn(log: string): 'login' | 'no' {
  const connected = log.lastIndexOf('Connected to buildmaster; worker is ready');
  return log.lastIndexOf('unauthorized login; check worker name and password') > connected ? 'login' : 'no';
}

async function isConnected(pid: number, port: number): Promise<boolean> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  const sockets = links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => '')),
  );
  return establishedIn(tables.join('\n'), port).some((inode) => sockets.includes(inode));
}

/** The sockets of established connections to that port, by inode, in the format of /proc/net/tcp (proc_pid_net(5)). */
export function establishedIn(table: string, port: number): string[] {
  const lines = table.matchAll(/^ *\d+: \S+ [0-9A-F]+:([0-9A-F]{4}) 01 \S+ \S+ \S+ +\d+ +\d+ (\d+) /gm);
  return [...lines]
    .filter(([, remote = '']) => Number.parseInt(remote, 16) === port)
    .map(([, , inode = '']) => inode);
}

/** `yes`, or the code of what is against it (errno(3)). */
async function reach({ host, port }: MasterAddress): Promise<string> {
  const socket = connect({ host, port });
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.setTimeout(REACH_MILLISECONDS, () => resolve('ETIMEDOUT'));
  socket.once('connect', () => resolve('yes'));
  socket.once('error', (error) => resolve('code' in error ? String(error.code) : error.message));
  const result = await promise;
  socket.destroy();
  return result;
}

async function endOf(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { size } = await file.stat();
    const length = Math.min(size, LOG_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8');
  } finally {
    await file.close();
  }
}

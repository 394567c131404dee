/**
 * Real remotes for tests: the repositories of a world over a path, over OpenSSH, over HTTPS and on GitHub, each with credentials of
 * its own in files and with the faults that such a remote can have.
 */
import { link, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Fault, FaultProxy } from './fault-proxy.ts';
import type { BareRepository } from './git-repository.ts';
import type { GitWorld } from './git-world.ts';
import { httpsServer } from './https-server.ts';
import { sshServer } from './ssh-server.ts';

/** The files that a client needs, by path. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'ssh'; readonly keyFile: string; readonly knownHostsFile: string }
  | {
      readonly kind: 'https';
      readonly username: string;
      readonly passwordFile: string;
      readonly caFile: string;
    }
  | {
      readonly kind: 'github';
      /** With its port. */
      readonly host: string;
      readonly tokenFile: string;
      /** A GitHub App, for those who prefer it to the token. */
      readonly app: { readonly id: number; readonly keyFile: string };
      readonly caFile: string;
    };

export interface GitServer extends AsyncDisposable {
  readonly transport: Transport;
  readonly credentials: Credentials;
  /** Strings that nobody but the two ends may ever see. */
  readonly secrets: readonly string[];
  /** What the connections go through; a path has none. */
  readonly proxy: FaultProxy | undefined;
  url(repository: BareRepository): string;
  /** From now on the remote is like this. Throws for a fault that such a remote cannot have. */
  set(fault: Fault): Promise<void>;
}

export const transports = ['path', 'ssh', 'https', 'github'] as const;
export type Transport = (typeof transports)[number];

/** Serves all repositories of a world. */
export async function serveGit(world: GitWorld, transport: Transport): Promise<GitServer> {
  switch (transport) {
    case 'path':
      return pathServer();
    case 'ssh':
      return sshServer(world);
    case 'https':
      return httpsServer(world);
    case 'github':
      // Only now: GitHub's description of itself is large.
      return (await import('./github-server.ts')).githubServer(world);
  }
}

/**
 * A remote on a file system. It is down when its directory is away, as with a lost mount, and hangs as one whose server
 * does not answer: reading its `HEAD`, which every git command does first, never ends.
 */
function pathServer(): GitServer {
  const served = new Set<string>();
  let broken: 'no' | 'down' | 'hanging' = 'no';
  const mend = async (): Promise<void> => {
    for (const path of served) {
      if (broken === 'down') await rename(`${path}.away`, path);
      if (broken === 'hanging') await releaseHead(path);
    }
    broken = 'no';
  };
  return {
    transport: 'path',
    credentials: { kind: 'none' },
    secrets: [],
    proxy: undefined,
    url: (repository) => {
      served.add(repository.path);
      return repository.path;
    },
    set: async (fault) => {
      await mend();
      if (fault.kind === 'none') return;
      if (fault.kind !== 'down' && fault.kind !== 'hanging') throw new Error(`no path is ever ${fault.kind}`);
      for (const path of served) {
        if (fault.kind === 'down') await rename(path, `${path}.away`);
        else await blockHead(path);
      }
      broken = fault.kind;
    },
    [Symbol.asyncDispose]: mend,
  };
}

/** Puts a FIFO that nobody writes in the place of `HEAD`, in one step. */
async function blockHead(path: string): Promise<void> {
  const head = join(path, 'HEAD');
  await execa('mkfifo', [`${head}.fifo`]);
  await link(head, `${head}.away`);
  await rename(`${head}.fifo`, head);
}

/** Puts `HEAD` back, in one step, and ends the waiting of whoever read it meanwhile. */
async function releaseHead(path: string): Promise<void> {
  const head = join(path, 'HEAD');
  await link(head, `${head}.fifo`);
  await rename(`${head}.away`, head);
  // A FIFO opened for both never blocks; closing it is the end of file for those who wait.
  const handle = await open(`${head}.fifo`, 'r+');
  await rm(`${head}.fifo`);
  await handle.close();
}

/** A real OpenSSH server on loopback, as the user who runs the test, that only serves git with one key. */
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { execa } from 'execa';
import { FaultProxy } from './fault-proxy.ts';
import type { GitServer } from './git-servers.ts';
import type { GitWorld } from './git-world.ts';
import { freePort } from './ports.ts';
import { Child } from './processes.ts';

/** Debian, Ubuntu, Fedora and Arch all have it in one of these, and sshd insists on being called by its full path. */
const places = ['/usr/sbin/sshd', '/usr/bin/sshd', '/usr/local/sbin/sshd'];

/** Where sshd is, or undefined when OpenSSH's server is not installed. */
export async function findSshd(): Promise<string | undefined> {
  for (const place of places) {
    const there = await access(place).then(
      () => true,
      () => false,
    );
    if (there) return place;
  }
  return undefined;
}

export async function sshServer(world: GitWorld): Promise<GitServer> {
  const sshd = await findSshd();
  if (sshd === undefined) throw new Error('sshd is missing: install openssh-server');
  const directory = world.path('ssh');
  await mkdir(directory, { mode: 0o700 });
  const file = (name: string): string => `${directory}/${name}`;
  const [hostKey] = await Promise.all([newKey(file('host_key')), newKey(file('user_key'))]);
  const userKey = await readFile(file('user_key.pub'), 'utf8');
  await writeFile(
    file('authorized_keys'),
    `restrict,command="git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"" ${userKey}`,
  );
  // Where sshd puts its unprivileged part when it runs as root; a service manager would make it.
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });

  const { child, port } = await startSshd(sshd, file);
  const proxy = await FaultProxy.before(port);
  await writeFile(file('known_hosts'), `[127.0.0.1]:${proxy.port} ${hostKey}\n`);
  const privateKey = await readFile(file('user_key'), 'utf8');
  return {
    transport: 'ssh',
    credentials: { kind: 'ssh', keyFile: file('user_key'), knownHostsFile: file('known_hosts') },
    // All but its frame and its last line, which is too short to be told from other text.
    secrets: privateKey.split('\n').filter((line) => line.length >= 60 && !line.startsWith('-')),
    proxy,
    url: (repository) => `ssh://${userInfo().username}@127.0.0.1:${proxy.port}${repository.path}`,
    set: (fault) => proxy.set(fault),
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await child[Symbol.asyncDispose]();
    },
  };
}

/** Makes a key pair without a passphrase and gives the public half, as known_hosts has it. */
async function newKey(file: string): Promise<string> {
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', file]);
  const [type, key] = (await readFile(`${file}.pub`, 'utf8')).split(' ');
  return `${type} ${key}`;
}

async function startSshd(
  sshd: string,
  file: (name: string) => string,
): Promise<{ readonly child: Child; readonly port: number }> {
  const port = await freePort();
  await writeFile(
    file('sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${file('host_key')}`,
      `AuthorizedKeysFile ${file('authorized_keys')}`,
      'PidFile none',
      // A temporary directory may be written by others, up to its sticky bit.
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'UseDNS no',
      // The default against quantum computers costs 50 ms a connection.
      'KexAlgorithms curve25519-sha256',
      'MaxStartups 1000',
      'AcceptEnv GIT_PROTOCOL',
      'SetEnv GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null',
      '',
    ].join('\n'),
  );
  const child = await Child.start(sshd, ['-D', '-e', '-f', file('sshd_config')]);
  await child.waitFor(/Server listening on/);
  return { child, port };
}

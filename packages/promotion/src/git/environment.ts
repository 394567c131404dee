/**
 * What git and ssh see of the world. By default nothing of the machine's or the user's settings: a promotion must not
 * depend on somebody's ~/.gitconfig. Secrets reach git through files (an ssh key) or through the askpass program's
 * standard output, never through arguments or the environment, which other users can see.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';

/** Variables a service's environment may hand on: the way to the network, and where programs are. */
const HANDED_ON = [
  'PATH',
  'TMPDIR',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/** Prints the user name or the password that git's prompt asks for (gitcredentials(7), GIT_ASKPASS). */
const ASKPASS = `#!/bin/sh
case "$1" in
  Username*) printf '%s\\n' "$LPBUILDBOT_HTTPS_USERNAME" ;;
  Password*) cat -- "$LPBUILDBOT_HTTPS_PASSWORD_FILE" ;;
  *) exit 1 ;;
esac
`;

/**
 * Writes the files that git needs below `directory` and returns the environment that points at them.
 * @param remotes the URLs that will be used: paths among them are marked as safe, whoever owns them.
 */
export async function gitEnvironment(
  directory: string,
  git: Config['git'],
  remotes: readonly string[],
  inherited: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string>> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const environment: Record<string, string> = {};
  const names = git.settings === 'user' ? Object.keys(inherited) : HANDED_ON;
  for (const name of names) {
    const value = inherited[name];
    // A GIT_DIR of whoever started us must not turn our own repository's calls elsewhere.
    if (value !== undefined && !/^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|NAMESPACE)$/.test(name)) {
      environment[name] = value;
    }
  }
  environment.LC_ALL = 'C.UTF-8';
  environment.GIT_TERMINAL_PROMPT = '0';
  environment.GIT_ALLOW_PROTOCOL = 'file:git:http:https:ssh';
  if (git.settings === 'isolated') {
    environment.HOME = directory;
    environment.GIT_CONFIG_NOSYSTEM = '1';
    environment.GIT_CONFIG_GLOBAL = join(directory, 'gitconfig');
    await writeFile(environment.GIT_CONFIG_GLOBAL, gitConfig(git, remotes), { mode: 0o600 });
  }
  if (git.settings === 'isolated' || git['ssh-key-file'] !== undefined) {
    environment.GIT_SSH_COMMAND = sshCommand(git);
    environment.GIT_SSH_VARIANT = 'ssh';
  }
  await writeFile(join(directory, 'askpass'), ASKPASS, { mode: 0o700 });
  if (git['https-password-file'] !== undefined) {
    environment.GIT_ASKPASS = join(directory, 'askpass');
    environment.LPBUILDBOT_HTTPS_USERNAME = git['https-username'] ?? 'lpbuildbot';
    environment.LPBUILDBOT_HTTPS_PASSWORD_FILE = git['https-password-file'];
  }
  return environment;
}

function gitConfig(git: Config['git'], remotes: readonly string[]): string {
  const paths = remotes
    .map((remote) => remote.replace(/^file:\/\//, ''))
    .filter((path) => path.startsWith('/'));
  const lines = ['[credential]', '\thelper = ""', '[maintenance]', '\tauto = false'];
  if (git['ca-file'] !== undefined) lines.push('[http]', `\tsslCAInfo = ${quoted(git['ca-file'])}`);
  if (paths.length > 0) lines.push('[safe]', ...paths.map((path) => `\tdirectory = ${quoted(path)}`));
  return `${lines.join('\n')}\n`;
}

/** A value as git-config(1) reads it back. */
function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function sshCommand(git: Config['git']): string {
  const options = [
    'BatchMode=yes',
    'ConnectTimeout=15',
    'ServerAliveInterval=10',
    'ServerAliveCountMax=3',
    'StrictHostKeyChecking=yes',
  ];
  if (git['ssh-key-file'] !== undefined) options.push('IdentitiesOnly=yes');
  if (git['known-hosts-file'] !== undefined) options.push(`UserKnownHostsFile="${git['known-hosts-file']}"`);
  const words = ['ssh', '-F', '/dev/null', ...options.flatMap((option) => ['-o', option])];
  if (git['ssh-key-file'] !== undefined) words.push('-i', git['ssh-key-file']);
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

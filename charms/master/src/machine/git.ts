/**
 * The configuration repository, read by git without a checkout: only the pipeline files leave it, as text. Nothing of it runs,
 * none of the machine's settings count, and nothing is kept.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigGit, ConfigSource, Fetched, GitAccess, PipelineFile } from './machine.ts';
import { runProgram } from './run.ts';

const SECONDS = 60;
/** As many as the reader of pipelines takes. */
const MOST_FILES = 1000;
const SHA = /^[0-9a-f]{40}$/;

type Git = (...args: readonly string[]) => Promise<string>;

/** What git said, for the operator. */
class GitFailed extends Error {}

export const realGit: ConfigGit = {
  fetch: async (source, known, access) => {
    const directory = mkdtempSync(join(tmpdir(), 'lpbuildbot-git-'));
    try {
      const env = await environment(directory, source, access);
      const git: Git = async (...args) => {
        const { code, all, stdout } = await runProgram(['git', ...args], {
          cwd: directory,
          env,
          timeoutSeconds: SECONDS,
        });
        if (code === 124) throw new GitFailed(`git ${args[0]} took more than ${SECONDS} s`);
        if (code !== 0) throw new GitFailed(lastWords(all) || `git ${args[0]} ended with ${code}`);
        return stdout;
      };
      return await fetched(git, source, known);
    } catch (error) {
      if (error instanceof GitFailed) return { kind: 'failed', reason: error.message };
      throw error;
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

async function fetched(
  git: Git,
  { repository, branch }: ConfigSource,
  known: string | undefined,
): Promise<Fetched> {
  const ref = branch === '' ? 'HEAD' : `refs/heads/${branch}`;
  const commit = SHA.test(branch);
  const revision = commit ? branch : (await git('ls-remote', '--', repository, ref)).slice(0, 40);
  if (revision === '') {
    return { kind: 'failed', reason: branch === '' ? 'it is empty' : `it has no branch ${branch}` };
  }
  if (revision === known) return { kind: 'same' };
  await git('init', '--quiet', '--bare', 'copy');
  const inCopy = ['--git-dir=copy', '-c', 'gc.auto=0'];
  await git(
    ...inCopy,
    ...['fetch', '--quiet', '--depth=1', '--no-tags', '--', repository],
    `+${commit ? branch : ref}:refs/config`,
  );
  const listed = await git(...inCopy, 'ls-tree', '-z', '--full-tree', 'refs/config', '--', 'pipelines/');
  const files: PipelineFile[] = [];
  for (const { id, path } of pipelineFiles(listed).slice(0, MOST_FILES)) {
    files.push({ file: path, text: await git(...inCopy, 'cat-file', 'blob', id) });
  }
  return { kind: 'fetched', revision: (await git(...inCopy, 'rev-parse', 'refs/config')).trim(), files };
}

/** Of `git ls-tree -z`: plain files alone, no links and nothing hidden. */
function pipelineFiles(listed: string): { readonly id: string; readonly path: string }[] {
  return listed.split('\0').flatMap((line) => {
    const [, id, path] =
      /^100(?:644|755) blob ([0-9a-f]{40})\t(pipelines\/[^./][^/]*\.ya?ml)$/.exec(line) ?? [];
    return id === undefined || path === undefined ? [] : [{ id, path }];
  });
}

/** The lines in which git and ssh say what is wrong. */
function lastWords(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^(fatal|error|ERROR): /, '').trim())
    .filter(
      (line) => line !== '' && !/^(warning:|hint:|Please make sure|and the repository exists)/i.test(line),
    );
  return lines.slice(-2).join('; ');
}

const ASKPASS = `#!/bin/sh
case "$1" in
  Username*) cat -- "\${0%/*}/username" ;;
  Password*) cat -- "\${0%/*}/password" ;;
  *) exit 1 ;;
esac
`;

async function environment(
  directory: string,
  { repository }: ConfigSource,
  { proxy, sshKey, knownHosts, https }: GitAccess,
): Promise<Readonly<Record<string, string>>> {
  const put = async (name: string, text: string, mode = 0o600): Promise<string> => {
    const path = join(directory, name);
    writeFileSync(path, text, { mode });
    return path;
  };
  const path = repository.replace(/^file:\/\//, '');
  const safe = path.startsWith('/')
    ? `[safe]\n\tdirectory = ${JSON.stringify(path)}\n\tdirectory = ${JSON.stringify(`${path}/.git`)}\n`
    : '';
  const config = await put('gitconfig', `[credential]\n\thelper = ""\n${safe}`);
  const options = [
    'BatchMode=yes',
    'ConnectTimeout=15',
    'StrictHostKeyChecking=yes',
    'GlobalKnownHostsFile=/dev/null',
  ];
  options.push(`UserKnownHostsFile=${await put('known-hosts', knownHosts ?? '')}`);
  const key = sshKey === undefined ? [] : ['-o', 'IdentitiesOnly=yes', '-i', await put('key', sshKey)];
  const ssh = ['ssh', '-F', '/dev/null', ...options.flatMap((option) => ['-o', option]), ...key];
  if (https !== undefined) {
    await put('username', `${https.username}\n`);
    await put('password', `${https.password}\n`);
  }
  return {
    ...proxy,
    HOME: directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: config,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
    GIT_SSH_COMMAND: ssh.map((word) => `'${word}'`).join(' '),
    GIT_SSH_VARIANT: 'ssh',
    GIT_ASKPASS: https === undefined ? 'true' : await put('askpass', ASKPASS, 0o700),
  };
}

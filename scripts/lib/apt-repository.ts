/**
 * A signed apt repository in a directory that any web server can serve: pool/, dists/ with by-hash indexes, the public key,
 * and the source that workers need. The index that everything hangs on (InRelease) is replaced last and in one step, so that
 * a worker that asks in the middle gets the old repository or the new one. Made with apt's own apt-ftparchive.
 */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { repositoryMessages as messages } from './apt-repository-messages.ts';
import { runProgram } from './run-program.ts';

const SUITE = 'stable';
const COMPONENT = 'main';
const ARCHITECTURES = ['amd64', 'arm64'] as const;
export const KEYRING = 'lpbuildbot-archive-keyring.gpg';

export interface RepositoryRequest {
  readonly directory: string;
  readonly packages: readonly string[];
  /** A key in the keyring of GnuPG (its fingerprint, or a user id that is unique). */
  readonly key: string;
  /** GnuPG's home; the caller's own when it is not given. */
  readonly gnupgHome?: string;
}

export type RepositoryOutcome =
  | { readonly kind: 'published'; readonly added: readonly string[] }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly reason: string };

export async function publish(request: RepositoryRequest): Promise<RepositoryOutcome> {
  const { directory, packages } = request;
  await mkdir(join(directory, 'pool'), { recursive: true });
  const added: string[] = [];
  for (const file of packages) {
    const placed = await place(file, join(directory, 'pool', basename(file)));
    if (placed === 'differs') return { kind: 'refused', reason: messages.differs(basename(file)) };
    if (placed === 'added') added.push(basename(file));
  }
  const names = (await readdir(join(directory, 'pool'))).filter((name) => name.endsWith('.deb'));
  if (names.length === 0) return { kind: 'refused', reason: messages.empty };

  const fresh = await mkdtemp(join(directory, '.dists-'));
  try {
    const indexes = await writeIndexes(directory, fresh);
    if (indexes.kind === 'refused') return indexes;
    if (added.length === 0 && (await isCurrent(request, indexes.files))) return { kind: 'unchanged' };
    const signed = await sign(request, fresh);
    if (signed.kind === 'refused') return signed;
    await replaceIndexes(fresh, join(directory, 'dists', SUITE), indexes.files);
    await rename(join(fresh, KEYRING), join(directory, KEYRING));
    return { kind: 'published', added };
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** A version that workers may already have must not become another one. */
async function place(from: string, to: string): Promise<'added' | 'present' | 'differs'> {
  const present = await readFile(to).catch(() => undefined);
  if (present !== undefined) return present.equals(await readFile(from)) ? 'present' : 'differs';
  await copyFile(from, `${to}.new`);
  await rename(`${to}.new`, to);
  return 'added';
}

type Indexes =
  | { readonly kind: 'written'; readonly files: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: string };

async function writeIndexes(directory: string, fresh: string): Promise<Indexes> {
  const files: string[] = [];
  for (const architecture of ARCHITECTURES) {
    const folder = `${COMPONENT}/binary-${architecture}`;
    await mkdir(join(fresh, folder), { recursive: true });
    const argv = ['apt-ftparchive', `--arch=${architecture}`, 'packages', 'pool'];
    const { code, output } = await runProgram(argv, { cwd: directory });
    if (code !== 0) return { kind: 'refused', reason: messages.failed(argv.join(' '), output) };
    await writeFile(join(fresh, folder, 'Packages'), output);
    await writeFile(join(fresh, folder, 'Packages.gz'), gzipSync(output, { level: 9 }));
    files.push(`${folder}/Packages`, `${folder}/Packages.gz`);
  }
  const fields = {
    Origin: 'lpbuildbot',
    Label: 'lpbuildbot',
    Suite: SUITE,
    Codename: SUITE,
    Architectures: ARCHITECTURES.join(' '),
    Components: COMPONENT,
    'Acquire-By-Hash': 'yes',
  };
  const settings = Object.entries(fields).map(
    ([name, value]) => `-oAPT::FTPArchive::Release::${name}=${value}`,
  );
  const { code, output } = await runProgram(['apt-ftparchive', ...settings, 'release', '.'], { cwd: fresh });
  if (code !== 0) return { kind: 'refused', reason: messages.failed('apt-ftparchive release', output) };
  await writeFile(join(fresh, 'Release'), output);
  return { kind: 'written', files };
}

/** Whether what is served says the same, signed with the same key. */
async function isCurrent(request: RepositoryRequest, files: readonly string[]): Promise<boolean> {
  const { directory } = request;
  const served = join(directory, 'dists', SUITE);
  const text = await readFile(join(served, 'InRelease'), 'utf8').catch(() => '');
  for (const file of files) {
    const content = await readFile(join(served, file)).catch(() => undefined);
    if (content === undefined || !text.includes(sha256(content))) return false;
  }
  const exported = await gpg(request, ['--export', request.key], directory, 'binary');
  const present = await readFile(join(directory, KEYRING)).catch(() => undefined);
  return exported.code === 0 && present?.toString('base64') === exported.output.trim();
}

async function sign(
  request: RepositoryRequest,
  fresh: string,
): Promise<{ readonly kind: 'signed' } | { readonly kind: 'refused'; readonly reason: string }> {
  const steps = [
    ['--local-user', request.key, '--clearsign', '--output', 'InRelease', 'Release'],
    ['--local-user', request.key, '--armor', '--detach-sign', '--output', 'Release.gpg', 'Release'],
    ['--output', KEYRING, '--export', request.key],
  ];
  for (const step of steps) {
    const { code, output } = await gpg(request, step, fresh);
    if (code !== 0) return { kind: 'refused', reason: messages.failed(`gpg ${step.join(' ')}`, output) };
  }
  const exported = await readFile(join(fresh, KEYRING)).catch(() => Buffer.alloc(0));
  return exported.length > 0 ? { kind: 'signed' } : { kind: 'refused', reason: messages.noKey(request.key) };
}

async function gpg(
  { gnupgHome }: RepositoryRequest,
  words: readonly string[],
  cwd: string,
  output: 'text' | 'binary' = 'text',
): Promise<{ code: number | null; output: string }> {
  const home = gnupgHome === undefined ? [] : ['--homedir', gnupgHome];
  const argv = ['gpg', '--batch', '--yes', '--no-tty', ...home, ...words];
  if (output === 'text') return await runProgram(argv, { cwd });
  return await runProgram(['sh', '-c', '"$@" 2>/dev/null | base64 --wrap=0', 'sh', ...argv], { cwd });
}

/** First what nobody asks for yet, then the names that point to it; the signed index last. */
async function replaceIndexes(fresh: string, served: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const content = await readFile(join(fresh, file));
    const byHash = join(served, file, '../by-hash/SHA256');
    await mkdir(byHash, { recursive: true });
    await writeFile(join(byHash, sha256(content)), content);
  }
  for (const file of [...files, 'Release', 'Release.gpg', 'InRelease']) {
    await rename(join(fresh, file), join(served, file));
  }
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** What a worker needs in /etc/apt/sources.list.d/lpbuildbot.sources (deb822, sources.list(5)). */
export function aptSource(url: string): string {
  return `Types: deb
URIs: ${url}
Suites: ${SUITE}
Components: ${COMPONENT}
Signed-By: /usr/share/keyrings/${KEYRING}
`;
}

/**
 * The Python environment that Buildbot runs in, made from the lock file. Every environment lies in a directory of its
 * own, named for what went into it, so a new lock never changes the environment under a running master.
 */
import { createHash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import * as z from 'zod';
import { messages } from './messages.ts';
import { pythonFolder } from './paths.ts';

export interface VenvOptions {
  /** The interpreter the environment is made with, a path or a name on PATH: CPython 3.11, 3.12 or 3.14. */
  readonly python: string;
  /** Where environments are kept: this one and the one before it, no others. */
  readonly directory: string;
  /** A pip requirements file with hashes; by default the lock of master and workers. */
  readonly lock?: string;
  /** A folder with all the wheels; without it they come from PyPI (or the index that pip is configured for). */
  readonly wheels?: string;
  /** Gets a sentence when something begins that takes seconds. */
  readonly onProgress?: (sentence: string) => void;
}

export type VenvOutcome =
  | { readonly kind: 'ready'; readonly python: string }
  | { readonly kind: 'failed'; readonly reason: string };

const masterLock = join(pythonFolder, 'requirements.txt');

const versionSchema = z.object({ version: z.string(), executable: z.string(), machine: z.string() });
const ASK_VERSION =
  'import json, os, platform, sys; print(json.dumps(dict(version=".".join(platform.python_version_tuple()[:2]), ' +
  'executable=os.path.realpath(sys.executable), machine=platform.machine())))';

/**
 * Gives the interpreter of a virtual environment that holds exactly what the lock lists, and makes the environment when
 * it is not there. Safe to call from several processes at once, and after any of them was killed.
 */
export async function ensureVenv(options: VenvOptions): Promise<VenvOutcome> {
  const lock = options.lock ?? masterLock;
  const asked = await execa(options.python, ['-c', ASK_VERSION], { reject: false });
  if (asked.exitCode !== 0) return failed(messages.pythonMissing(options.python));
  const { version, executable, machine } = versionSchema.parse(JSON.parse(asked.stdout));
  if (!['3.11', '3.12', '3.14'].includes(version)) return failed(messages.pythonUnsupported(version));

  const key = createHash('sha256')
    .update([version, executable, machine, await readFile(lock, 'utf8')].join('\n'))
    .digest('hex')
    .slice(0, 16);
  const directory = join(resolve(options.directory), key);
  const python = join(directory, 'bin/python');
  if (await exists(join(directory, 'complete'))) return { kind: 'ready', python };

  const source = options.wheels === undefined ? [] : ['--no-index', '--find-links', resolve(options.wheels)];
  const making = execa(
    options.python,
    [
      join(pythonFolder, 'make_venv.py'),
      directory,
      ...['--quiet', '--disable-pip-version-check', '--no-input', '--no-deps'],
      ...['--require-hashes', '--only-binary=:all:', '--requirement', resolve(lock), ...source],
    ],
    { reject: false, stdin: 'ignore' },
  );
  const phases = createInterface({ input: making.stdout });
  phases.on('line', (phase) => {
    if (phase === 'waiting') options.onProgress?.(messages.venvWaiting());
    if (phase === 'creating') options.onProgress?.(messages.venvCreating());
    if (phase === 'installing') options.onProgress?.(messages.venvInstalling(options.wheels));
  });
  const made = await making;
  phases.close();
  if (made.exitCode === 0) return { kind: 'ready', python };
  return failed(messages.venvFailed(made.stderr, options.wheels));
}

function failed(reason: string): VenvOutcome {
  return { kind: 'failed', reason };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

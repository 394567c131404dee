/** The locked Python tools (ruff, mypy, docutils, shellcheck), and the Buildbot that mypy reads types from. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureVenv } from '@lpbuildbot/buildbot';

export interface PythonTools {
  readonly ruff: string;
  readonly mypy: string;
  readonly docutils: string;
  /** There is no wheel of it for aarch64: there it is the distribution's own, from the PATH. */
  readonly shellcheck: string;
  /** The interpreter of the environment that the master runs in. */
  readonly buildbotPython: string;
}

export type PythonToolsOutcome =
  | { readonly kind: 'ready'; readonly tools: PythonTools }
  | { readonly kind: 'failed'; readonly reason: string };

/** Makes the environments when they are not there yet, which takes seconds and is told on standard error. */
export async function pythonTools(root: string): Promise<PythonToolsOutcome> {
  const options = {
    python: process.env.LPBUILDBOT_PYTHON ?? 'python3',
    onProgress: (sentence: string) => console.error(`lpbuildbot: ${sentence}`),
  };
  const state = join(root, '.lpbuildbot');
  const master = await ensureVenv({ ...options, directory: join(state, 'venv') });
  if (master.kind === 'failed') return master;
  const lock = join(root, 'packages/buildbot/python/requirements-check.txt');
  const check = await ensureVenv({ ...options, directory: join(state, 'venv-check'), lock });
  if (check.kind === 'failed') return check;
  const bin = dirname(check.python);
  const shellcheck = join(bin, 'shellcheck');
  return {
    kind: 'ready',
    tools: {
      ruff: join(bin, 'ruff'),
      mypy: join(bin, 'mypy'),
      docutils: join(bin, 'docutils'),
      shellcheck: existsSync(shellcheck) ? shellcheck : 'shellcheck',
      buildbotPython: master.python,
    },
  };
}

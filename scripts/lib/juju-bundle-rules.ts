/** The published rules for bundles (PyPI: jujubundlelib), which were made by others than those who made this project's own. */
import { join } from 'node:path';
import { ensureVenv } from '@lpbuildbot/buildbot';
import { execa } from 'execa';
import type { Bundle } from './juju-bundle-schema.ts';

const root = join(import.meta.dirname, '../..');

/**
 * The mistakes that the rules find. They are older than Juju 2: `bundle_rules.py` says what they do not know.
 * @throws when the library cannot be had, or fails.
 */
export async function brokenRules({ applications, relations, machines }: Bundle): Promise<string[]> {
  const environment = await ensureVenv({
    python: process.env.LPBUILDBOT_PYTHON ?? 'python3',
    directory: join(root, '.lpbuildbot/venv-bundle'),
    lock: join(root, 'packages/buildbot/python/requirements-bundle.txt'),
  });
  if (environment.kind === 'failed') throw new Error(environment.reason);
  const { stdout } = await execa(environment.python, [join(import.meta.dirname, 'bundle_rules.py')], {
    input: JSON.stringify({ applications, relations, machines }),
  });
  return stdout.split('\n').filter(Boolean);
}

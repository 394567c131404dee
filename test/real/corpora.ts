/**
 * The real packages whose successive releases are the commits of this test. `releases.json` fixes which files of the
 * package index they are, so that the input is the same for everybody and for ever.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

export interface Release {
  readonly project: string;
  readonly version: string;
  /** The name of the source distribution, and the SHA-256 of its content. */
  readonly file: string;
  readonly sha256: string;
}

export interface Corpus {
  readonly project: string;
  /** Oldest first. */
  readonly releases: readonly Release[];
  /**
   * A shell command line that runs the release's own tests in its unpacked source distribution; exit code 0 means that
   * they pass. A release that carries no tests fails.
   */
  readonly command: (python: string) => string;
}

const releasesSchema = z.record(
  z.string(),
  z.array(z.object({ version: z.string(), file: z.string(), sha256: z.string() })),
);

const recorded = releasesSchema.parse(
  JSON.parse(await readFile(join(import.meta.dirname, 'releases.json'), 'utf8')),
);

/** Nothing of the surroundings gets in, so that a test gives the same result wherever and whenever it runs. */
const sealed =
  'env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 TZ=UTC PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1 PYTEST_DISABLE_PLUGIN_AUTOLOAD=1';

/** One module, tested with pytest. */
export const six: Corpus = {
  project: 'six',
  releases: releasesOf('six'),
  command: (python) =>
    `${sealed} '${python}' -m pytest -q -p no:cacheprovider -c /dev/null --rootdir=. $(ls -d six/test test_six.py 2>/dev/null)`,
};

/** A package of several modules, tested with the standard library's unittest; some of its tests draw lots. */
export const moreItertools: Corpus = {
  project: 'more-itertools',
  releases: releasesOf('more-itertools'),
  command: (python) =>
    `${sealed} '${python}' -c 'import random, unittest; random.seed(0); unittest.main(module=None)' ` +
    'discover -t . -s $(if test -d tests; then echo tests; else echo more_itertools/tests; fi)',
};

function releasesOf(project: string): Release[] {
  const releases = recorded[project] ?? [];
  return releases.map((release) => ({ project, ...release }));
}

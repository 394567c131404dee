/** The version of this package, for `--version` and the manual pages. */
import description from '../package.json' with { type: 'json' };

/** Set where the package is built, when it is built as another version (a test of upgrades needs two). */
declare const LPBUILDBOT_VERSION: string | undefined;

export const VERSION: string =
  typeof LPBUILDBOT_VERSION === 'undefined' ? description.version : LPBUILDBOT_VERSION;

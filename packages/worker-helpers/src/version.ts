/** The version of this package, for `--version` and the manual pages. */
import description from '../package.json' with { type: 'json' };

export const VERSION: string = description.version;

/** The version of this package, for `--version`. */
import description from '../package.json' with { type: 'json' };

export const VERSION: string = description.version;

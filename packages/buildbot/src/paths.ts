/** Where this package's Python files lie: beside `src` in the source tree. */
import { join } from 'node:path';

export const pythonFolder = join(import.meta.dirname, '../python');

/** Writes dashboard.json. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dashboardJson } from './dashboard.ts';

await writeFile(join(import.meta.dirname, '../dashboard.json'), dashboardJson());

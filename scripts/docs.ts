/** `npm run docs`: writes the pages of the documentation that are made from the code, and from other pages. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generatedPages } from './lib/docs-pages.ts';
import { docsWritten } from './lib/messages.ts';

const root = join(import.meta.dirname, '..');

for (const [path, text] of await generatedPages(root)) {
  await writeFile(join(root, path), text);
  console.log(docsWritten(path));
}

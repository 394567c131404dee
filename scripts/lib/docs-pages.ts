/** Which pages of the documentation are made, and how: by their paths. A test says when one is not as it would be made now. */
import { commandsPage } from './docs-commands.ts';
import { manualPage } from './docs-manual.ts';

export async function generatedPages(root: string): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/reference/commands.md', await commandsPage(root)],
    ['docs/reference/buildbot.rst', manualPage(root)],
  ]);
}

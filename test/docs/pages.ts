/** The pages that people read: everything in Markdown that is not a package's own. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Page, readPage } from '../support/markdown.ts';

export const root = join(import.meta.dirname, '../..');

export interface NamedPage extends Page {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

export function pageAt(path: string): NamedPage {
  const text = readFileSync(join(root, path), 'utf8');
  return { path, text, ...readPage(text) };
}

export function allPages(): NamedPage[] {
  return globSync(['*.md', 'docs/**/*.md', 'mojo-spec/**/*.md', 'bundle/**/*.md'], { cwd: root })
    .toSorted()
    .map(pageAt);
}

/** Every link between the pages leads somewhere: to a file that is there, and to a title that it has. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { test } from 'node:test';
import { readPage } from '../support/markdown.ts';
import { awaitedPages } from './awaited.ts';
import { allPages, type NamedPage, root } from './pages.ts';

function mistakes(pages: readonly NamedPage[], isThere: (path: string) => boolean): string[] {
  const byPath = new Map(pages.map((page) => [page.path, page]));
  return pages.flatMap(({ path, links }) =>
    links.flatMap(({ target, line }) => {
      if (/^[a-z]+:/.test(target)) return [];
      const [file = '', anchor] = target.split('#');
      const to = file === '' ? path : normalize(join(dirname(path), file));
      const place = `${path}:${line}: the link ${target} leads nowhere`;
      if (!isThere(to)) return [`${place}: there is no file ${to}`];
      if (anchor === undefined) return [];
      const anchors = byPath.get(to)?.headings.map((heading) => heading.anchor) ?? [];
      return anchors.includes(anchor)
        ? []
        : [`${place}: ${to} has ${anchors.map((name) => `#${name}`).join(', ')}`];
    }),
  );
}

test('every link between pages leads to a file, and to a title in it', () => {
  const pages = allPages();
  assert.ok(pages.flatMap(({ links }) => links).length > 50);
  assert.deepEqual(
    mistakes(pages, (path) => existsSync(join(root, path)) || awaitedPages.includes(path)),
    [],
  );
});

test('a link to a file or a title that is not there is told with its place', () => {
  const text = '# One\n\n[a](two.md) and [b](#one), [c](#three) and\n[d](https://example.org)\n';
  const page = { path: 'docs/one.md', text, ...readPage(text) };
  assert.deepEqual(
    mistakes([page], (path) => path === 'docs/one.md'),
    [
      'docs/one.md:3: the link two.md leads nowhere: there is no file docs/two.md',
      'docs/one.md:3: the link #three leads nowhere: docs/one.md has #one',
    ],
  );
});

test('every page of docs is found from its index', () => {
  const pages = new Map(allPages().map((page) => [page.path, page]));
  const seen = new Set<string>();
  const todo = ['docs/README.md'];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    const page = pages.get(path);
    if (seen.has(path) || page === undefined) continue;
    seen.add(path);
    const from = dirname(path);
    todo.push(...page.links.map(({ target }) => normalize(join(from, target.split('#')[0] ?? ''))));
  }
  const directories = [...seen].flatMap((path) =>
    (pages.get(path)?.links ?? [])
      .map(({ target }) => normalize(join(dirname(path), target)))
      .filter((to) => to.endsWith('/')),
  );
  const lost = [...pages.keys()]
    .filter((path) => path.startsWith('docs/') && !seen.has(path))
    .filter((path) => !directories.includes(`${dirname(path)}/`));
  assert.deepEqual(lost, [], 'docs/README.md leads to all of them');
});

/**
 * Enforces the direction of dependencies that the design sets, so that a package stays usable (and testable) without those
 * that are built on it. The rule is a pure function of files, so that it can be shown that it finds what it should.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';

/** What each package may import of ours; `types` means that nothing of it may be left when the program runs. */
const allowed: ReadonlyMap<string, ReadonlyMap<string, 'all' | 'types'>> = new Map([
  ['packages/juju', new Map()],
  ['packages/pipeline', new Map()],
  ['packages/buildbot', new Map()],
  ['packages/promotion', new Map([['@lpbuildbot/pipeline', 'all']])],
  ['packages/worker-helpers', new Map([['@lpbuildbot/pipeline', 'types']])],
  ...['charms/master', 'charms/worker'].map((charm): [string, Map<string, 'all'>] => [
    charm,
    new Map([
      ['@lpbuildbot/juju', 'all'],
      ['@lpbuildbot/pipeline', 'all'],
      ['@lpbuildbot/buildbot', 'all'],
    ]),
  ]),
]);

interface Import {
  readonly specifier: string;
  readonly kind: 'all' | 'types';
}

/** The static imports, re-exports, dynamic imports and `import.meta` addresses of a TypeScript file. */
function importsOf(text: string): Import[] {
  const fromClauses = text.matchAll(
    /^[ \t]*(?:import|export)\b([^'"`;]*?)\bfrom\s*(['"])([^'"]+)\2|^[ \t]*import\s*(['"])([^'"]+)\4/gm,
  );
  const calls = text.matchAll(/\b(?:import|import\.meta\.resolve|require)\(\s*(['"])([^'"$]+)\1/g);
  const addresses = text.matchAll(/\bnew URL\(\s*(['"])([^'"$]+)\1\s*,\s*import\.meta\.url/g);
  return [
    ...[...fromClauses].map(
      ([, clause = '', , named, , bare]): Import => ({
        specifier: named ?? bare ?? '',
        kind: /^\s*type\b/.test(clause) ? 'types' : 'all',
      }),
    ),
    ...[...calls, ...addresses].map(([, , specifier = '']): Import => ({ specifier, kind: 'all' })),
  ];
}

/** The package, or `scripts`, or `test`, that a path relative to the repository belongs to. */
function homeOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return first === 'packages' || first === 'charms' ? `${first}/${second}` : first;
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || /^(packages|charms)\/[^/]+\/test\//.test(path);
}

function mistakeOf(path: string, { specifier, kind }: Import): string | undefined {
  const home = homeOf(path);
  const free = home === 'scripts' || home === 'test';
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(path), specifier);
    if (homeOf(target) === home) return undefined;
    if (free && (homeOf(target) === 'scripts' || homeOf(target) === 'test')) return undefined;
    if (isTest(path) && target.startsWith('test/support/')) return undefined;
    return `${path} reaches out of ${home} by the path ${specifier}`;
  }
  const [, target] = /^(@lpbuildbot\/[^/]+)/.exec(specifier) ?? [];
  if (target === undefined || free) return undefined;
  const permission = allowed.get(home)?.get(target);
  if (permission === 'all' || (permission === 'types' && kind === 'types')) return undefined;
  return permission === 'types'
    ? `${path} may import only types from ${target}`
    : `${path} must not import ${target}`;
}

const manifestSchema = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});

function manifestMistakes(path: string, text: string, imported: ReadonlySet<string>): string[] {
  const { dependencies, devDependencies } = manifestSchema.parse(JSON.parse(text));
  const declared = Object.keys({ ...dependencies, ...devDependencies }).filter((name) =>
    name.startsWith('@lpbuildbot/'),
  );
  const permitted = allowed.get(homeOf(path));
  return [
    ...declared.filter((name) => !permitted?.has(name)).map((name) => `${path} must not depend on ${name}`),
    ...[...imported]
      .filter((name) => permitted?.has(name) && !declared.includes(name))
      .map((name) => `${path} lacks ${name}, which its files import`),
  ];
}

/** All breaches of the rule, in sentences; `files` maps paths relative to the repository to their text. */
function breaches(files: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  const imported = new Map<string, Set<string>>();
  for (const [path, text] of files) {
    if (!path.endsWith('.ts')) continue;
    const home = homeOf(path);
    if (home !== 'scripts' && home !== 'test' && !allowed.has(home))
      found.push(`${home} has no place in the rule`);
    for (const one of importsOf(text)) {
      const mistake = mistakeOf(path, one);
      if (mistake !== undefined) found.push(mistake);
      const names = imported.get(home) ?? new Set();
      imported.set(home, names.add(one.specifier.split('/').slice(0, 2).join('/')));
    }
  }
  for (const [path, text] of files) {
    if (!/^(packages|charms)\/[^/]+\/package\.json$/.test(path)) continue;
    found.push(...manifestMistakes(path, text, imported.get(homeOf(path)) ?? new Set()));
  }
  return [...new Set(found)];
}

test('dependencies point one way', () => {
  const root = join(import.meta.dirname, '..');
  const paths = globSync('{packages,charms}/*/package.json', { cwd: root }).concat(
    globSync('{packages,charms,scripts,test}/**/*.ts', {
      cwd: root,
      exclude: (path) => path.endsWith('node_modules'),
    }),
  );
  const files = new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
  assert.ok(files.has('packages/pipeline/src/index.ts'), 'the files of the project are looked at');
  assert.deepEqual(breaches(files), []);
});

const line = (specifier: string, what = '{ x }'): string => `import ${what} from '${specifier}';\n`;

const broken: readonly {
  readonly name: string;
  readonly files: Record<string, string>;
  readonly told: string;
}[] = [
  {
    name: 'a lower package imports a higher one',
    files: { 'packages/pipeline/src/a.ts': line('@lpbuildbot/promotion') },
    told: 'packages/pipeline/src/a.ts must not import @lpbuildbot/promotion',
  },
  {
    name: 'neighbours import each other',
    files: { 'packages/promotion/src/a.ts': line('@lpbuildbot/buildbot', '{\n  x,\n  type Y,\n}') },
    told: 'packages/promotion/src/a.ts must not import @lpbuildbot/buildbot',
  },
  {
    name: 'a package reaches into another by path',
    files: { 'charms/master/src/a.ts': line('../../../packages/juju/src/index.ts') },
    told: 'charms/master/src/a.ts reaches out of charms/master by the path ../../../packages/juju/src/index.ts',
  },
  {
    name: 'a package reaches into another by re-export',
    files: { 'packages/juju/src/a.ts': line('../../pipeline/src/index.ts', '*').replace('import', 'export') },
    told: 'packages/juju/src/a.ts reaches out of packages/juju by the path ../../pipeline/src/index.ts',
  },
  {
    name: 'a package imports while it runs',
    files: { 'packages/juju/src/a.ts': `const x = await ${'import'}('@lpbuildbot/pipeline');` },
    told: 'packages/juju/src/a.ts must not import @lpbuildbot/pipeline',
  },
  {
    name: 'a package names a file of another',
    files: { 'packages/juju/src/a.ts': `new ${'URL'}('../../buildbot/python/', import.meta.url)` },
    told: 'packages/juju/src/a.ts reaches out of packages/juju by the path ../../buildbot/python/',
  },
  {
    name: 'what ships uses what only tests may use',
    files: { 'packages/juju/src/a.ts': line('../../../test/support/git.ts') },
    told: 'packages/juju/src/a.ts reaches out of packages/juju by the path ../../../test/support/git.ts',
  },
  {
    name: 'the worker helpers take more than types',
    files: { 'packages/worker-helpers/src/a.ts': line('@lpbuildbot/pipeline') },
    told: 'packages/worker-helpers/src/a.ts may import only types from @lpbuildbot/pipeline',
  },
  {
    name: 'a manifest declares what the rule forbids',
    files: { 'packages/buildbot/package.json': '{"dependencies": {"@lpbuildbot/pipeline": "0.1.0"}}' },
    told: 'packages/buildbot/package.json must not depend on @lpbuildbot/pipeline',
  },
  {
    name: 'a manifest lacks what is imported',
    files: {
      'packages/promotion/package.json': '{}',
      'packages/promotion/src/a.ts': line('@lpbuildbot/pipeline', 'type { X }'),
    },
    told: 'packages/promotion/package.json lacks @lpbuildbot/pipeline, which its files import',
  },
  {
    name: 'a new package is not in the rule',
    files: { 'packages/new/src/a.ts': '' },
    told: 'packages/new has no place in the rule',
  },
];

for (const { name, files, told } of broken) {
  test(`it is told when ${name}`, () => assert.deepEqual(breaches(new Map(Object.entries(files))), [told]));
}

test('what the design allows is not told', () => {
  const files = {
    'packages/promotion/package.json': '{"dependencies": {"@lpbuildbot/pipeline": "0.1.0"}}',
    'packages/promotion/src/a.ts': line('@lpbuildbot/pipeline') + line('./b.ts') + line('zod'),
    'packages/promotion/test/a.test.ts': line('../src/a.ts') + line('../../../test/support/git.ts'),
    'packages/worker-helpers/src/a.ts': line('@lpbuildbot/pipeline', 'type { X }'),
    'charms/worker/src/main.ts': line('@lpbuildbot/juju') + line('@lpbuildbot/buildbot'),
    'test/real/main.ts':
      line('@lpbuildbot/promotion') + line('../support/git.ts') + line('../../scripts/lib/pool.ts'),
  };
  assert.deepEqual(breaches(new Map(Object.entries(files))), []);
});

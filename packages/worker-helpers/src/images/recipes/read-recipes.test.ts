import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatMistakes } from './mistake.ts';
import type { Recipe } from './model.ts';
import { readRecipes } from './read-recipes.ts';
import type { Companions } from './resolve.ts';

const directory = '/etc/lpbuildbot/images.d';

const present = new Map([
  [`${directory}/keys/site.asc`, '-----BEGIN PGP PUBLIC KEY BLOCK-----\n'],
  [`${directory}/keys/site.gpg`, '\x99binary'],
  ['/srv/site.conf', 'speed=high\n'],
  ['/srv/rootfs.tar', ''],
]);

const companions: Companions = {
  read: async (path) => {
    const text = present.get(path);
    return text === undefined
      ? { kind: 'unreadable', why: 'ENOENT' }
      : { kind: 'content', content: Buffer.from(text, 'latin1') };
  },
  lookFor: async (path) => (present.has(path) ? undefined : 'ENOENT'),
};

async function read(files: Readonly<Record<string, string>>) {
  const texts = Object.entries(files).map(([name, text]) => ({ file: `${directory}/${name}`, text }));
  return await readRecipes(texts, companions);
}

async function accepted(files: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, Recipe>> {
  const reading = await read(files);
  assert.equal(reading.kind === 'refused' ? formatMistakes(reading.mistakes) : 'accepted', 'accepted');
  return reading.kind === 'accepted' ? reading.recipes : new Map();
}

/** What is said about one file, without its name. */
async function refused(text: string): Promise<string[]> {
  const reading = await read({ 'a.yaml': text });
  if (reading.kind === 'accepted') return [];
  return formatMistakes(reading.mistakes).replaceAll(`${directory}/a.yaml:`, '').split('\n');
}

describe('recipes that are right', () => {
  it('takes the images of a pipeline file as they are', async () => {
    const recipes = await accepted({
      'a.yaml': `
images:
  focal: { base: "ubuntu:20.04" }
  focal-postgres14: { base: focal, flavor: postgres14 }
flavors:
  postgres14: { packages: [postgresql-14] }
`,
    });
    const focal = recipes.get('focal');
    assert.deepEqual(focal?.base, {
      kind: 'remote',
      server: 'https://cloud-images.ubuntu.com/releases',
      alias: '20.04',
      written: 'ubuntu:20.04',
    });
    assert.equal(focal.maxAgeSeconds, 7 * 86_400);
    assert.equal(focal.keep, 2);
    const flavored = recipes.get('focal-postgres14');
    assert.deepEqual(flavored?.base, { kind: 'image', name: 'focal' });
    assert.deepEqual(
      flavored.layers.map(({ packages }) => packages),
      [['postgresql-14'], []],
    );
  });

  it('finds bases, flavors and remotes in other files', async () => {
    const recipes = await accepted({
      'a.yaml': 'images:\n  one: { base: two, flavor: tools }\n  three: { base: "site:noble" }',
      'b.yaml':
        'images:\n  two: { base: { archive: bookworm } }\nflavors:\n  tools: { packages: [git] }\nremotes: { site: "https://images.example.org" }',
    });
    assert.deepEqual([...recipes.keys()], ['one', 'three', 'two']);
    assert.deepEqual(recipes.get('three')?.base, {
      kind: 'remote',
      server: 'https://images.example.org',
      alias: 'noble',
      written: 'site:noble',
    });
  });

  it('reads the files that recipes name from beside them', async () => {
    const recipes = await accepted({
      'a.yaml': `
images:
  one:
    base: { rootfs: /srv/rootfs.tar }
    max-age: 4w
    keep: 5
    files:
      - { path: /etc/site.conf, source: /srv/site.conf, mode: "640", owner: daemon }
      - { path: /etc/motd, content: "hello\\n" }
    sources:
      text: { url: "https://apt.example.org", key-file: keys/site.asc }
      binary: { url: "https://apt.example.org", suites: ["./"], key-file: keys/site.gpg }
`,
    });
    const one = recipes.get('one');
    assert.equal(one?.maxAgeSeconds, 4 * 7 * 86_400);
    const [layer] = one.layers;
    assert.deepEqual(
      layer?.files.map(({ mode, owner, content }) => [mode, owner, Buffer.from(content).toString()]),
      [
        ['0640', 'daemon:daemon', 'speed=high\n'],
        ['0644', 'root:root', 'hello\n'],
      ],
    );
    assert.deepEqual(
      layer.sources.map(({ key }) => key?.extension),
      ['asc', 'gpg'],
    );
  });

  it('takes no file at all', async () => {
    assert.equal((await accepted({})).size, 0);
  });
});

describe('mistakes in recipes', () => {
  it('tells all of them at once, in all files, each with its place and what to write', async () => {
    const reading = await read({
      'a.yaml':
        'images:\n  focal: { bas: "ubuntu:20.04" }\n  jammy:\n    base: fokal\n    keep: 0\n    packages: [Git]\n',
      'b.yaml': 'images:\n  focal: { base: "ubutu:20.04", flavor: postgres }\nflavors:\n  postgres14: {}\n',
    });
    assert.equal(reading.kind, 'refused');
    assert.equal(
      formatMistakes(reading.mistakes).replaceAll(`${directory}/`, ''),
      [
        'a.yaml:2:12: found the unknown key "bas"; write `base`',
        'a.yaml:4:11: found the base "fokal", which no recipe is for; write `focal`, or an image of an LXD remote with its colon, such as `"ubuntu:24.04"`',
        'a.yaml:5:11: found the number 0; write a whole number from 1 to 99',
        'a.yaml:6:16: found "Git"; write the name of a package such as `git`, `git=1:2.39.5-0+deb12u2` or `git/bookworm-backports`',
        'b.yaml:2:3: found the image "focal" a second time, after a.yaml:2; write another name: there is one image of a name',
        'b.yaml:2:18: found the remote "ubutu", which is not known; write `ubuntu`, or one that is known, or add its address to `remotes`',
        'b.yaml:2:41: found the flavor "postgres", which `flavors` does not have; write `postgres14`, or one that is there, or add it to `flavors`',
      ].join('\n'),
    );
  });

  it('asks for quotes where a mode or a variable is no text', async () => {
    const quotes = 'it in quotes, so that it is text and not a number or a truth value';
    assert.deepEqual(
      await refused(
        'images:\n  a:\n    base: { alias: b }\n    files: [{ path: /a, content: x, mode: 644 }]\n    environment: { A: 1 }\n',
      ),
      [`4:43: found the number 644; write ${quotes}`, '5:23: found the number 1; write its value in quotes'],
    );
  });

  it('wants one base', async () => {
    assert.deepEqual(
      await refused('images:\n  a: { base: {} }\n  b: { base: { alias: x, rootfs: /srv/rootfs.tar } }'),
      [
        '2:14: found none of `alias`, `rootfs` and `archive`; write one of them',
        '3:14: found more than one of `alias`, `rootfs` and `archive`; write one of them',
      ],
    );
    assert.match(
      (await refused('images:\n  a: { packages: [git] }')).join('\n'),
      /^2:3: found no `base`; write `base:` with an image/,
    );
  });

  it('wants the content of a file once, and one key of a source', async () => {
    assert.deepEqual(
      await refused(
        `images:
  a:
    base: { alias: b }
    files: [{ path: /a }, { path: /b, content: c, source: /srv/site.conf }]
    sources:
      one: { url: "http://a.b", key-file: keys/site.gpg, key: "-----BEGIN PGP PUBLIC KEY BLOCK-----" }
`,
      ),
      [
        '4:13: found a file without `content` and `source`; write one of them',
        '4:27: found a file with both `content` and `source`; write one of them',
        '6:43: found `key-file` beside `key`; write one of them',
      ],
    );
  });

  it('tells of files that are not there beside other mistakes', async () => {
    assert.deepEqual(
      await refused(
        'images:\n  a: { base: { rootfs: gone.tar } }\n  c: { base: a, keep: x }\n  b:\n    base: a\n    files: [{ path: /x, source: gone.conf }]\n',
      ),
      [
        '2:24: found the file "gone.tar", which cannot be read (ENOENT); write the path of a file that is there, absolute or relative to this file',
        '3:23: found "x"; write a whole number from 1 to 99',
        '6:33: found the file "gone.conf", which cannot be read (ENOENT); write the path of a file that is there, absolute or relative to this file',
      ],
    );
  });

  it('refuses images that are built on each other, over several files', async () => {
    const reading = await read({
      'a.yaml': 'images:\n  a: { base: b }\n  self: { base: self }\n',
      'b.yaml': 'images:\n  b: { base: c }\n  c: { base: a }\n',
    });
    assert.equal(reading.kind, 'refused');
    assert.match(
      formatMistakes(reading.mistakes),
      /a\.yaml:2:14: found images that are built on each other: a -> b -> c -> a; write .*\n.*a\.yaml:3:17: found images that are built on each other: self -> self;/,
    );
  });

  it('does not miss what a file that is no YAML may have', async () => {
    const reading = await read({ 'a.yaml': 'images:\n  a: { base: b }\n', 'b.yaml': 'images:\n\tb: {}\n' });
    assert.equal(reading.kind, 'refused');
    assert.match(
      formatMistakes(reading.mistakes),
      /^\S*b\.yaml:2:1: found a tab in the indentation; write spaces/,
    );
    assert.equal(reading.mistakes.length, 1);
  });

  it('tells a key written twice and an alias of nothing', async () => {
    assert.match(
      (await refused('images:\n  a: { base: b }\n  a: { base: b }')).join('\n'),
      /^3:3: found a mistake in the YAML \(Map keys must be unique\)/,
    );
    assert.match((await refused('images: *nothing')).join('\n'), /^1:1: found a mistake in the YAML/);
  });

  it('says what needs a mirror', async () => {
    assert.deepEqual(
      await refused('images:\n  a: { base: { archive: { suite: focal, pockets: [updates] } } }'),
      [
        '2:50: found `pockets` without `mirror`; write `mirror:` too, or leave it out: the apt sources of this machine say it',
      ],
    );
  });
});

/** Bundles and overlays: the examples of Juju's own tests (domain/deployment/charm/overlay_test.go), and what they leave open. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { mergeSources, readBundle } from './juju-bundle.ts';
import { bundleProblems } from './juju-bundle-problems.ts';
import { type Bundle, BundleError } from './juju-bundle-schema.ts';

const merged = (...texts: readonly string[]): Bundle =>
  mergeSources(texts.map((text) => ({ text, directory: '/bundles' })));

/** Of Juju's tests: documents of one file, and what comes of them. */
const examples: Readonly<Record<string, readonly [given: string, expected: string]>> = {
  'a charm is replaced': [
    `
applications:
  apache2: { charm: apache2, num_units: 1 }
---
applications:
  apache2: { charm: cs:apache2-42 }`,
    'applications: { apache2: { charm: cs:apache2-42, num_units: 1 } }',
  ],
  'resources, storage, devices and bindings are added and replaced': [
    `
applications:
  apache2: { charm: apache2, resources: { res1: foo }, storage: { dsk0: dsk0 }, devices: { dev0: dev0 } }
---
applications:
  apache2:
    resources: { res1: bar, res2: new }
    storage: { dsk0: vol0, dsk1: new }
    devices: { dev0: net, dev1: new }
    bindings: { bnd0: new }`,
    `
applications:
  apache2:
    charm: apache2
    resources: { res1: bar, res2: new }
    storage: { dsk0: vol0, dsk1: new }
    devices: { dev0: net, dev1: new }
    bindings: { bnd0: new }`,
  ],
  'options are added, replaced and taken away': [
    `
applications:
  apache2: { charm: apache2, options: { opt1: bar, mapOpt: { foo: bar } } }
---
applications:
  apache2:
    options: { opt1: foo, opt2: "", mapOpt: }
    annotations: { ann1: new }`,
    `applications: { apache2: { charm: apache2, options: { opt1: foo, opt2: "" }, annotations: { ann1: new } } }`,
  ],
  'units, placement and exposure are replaced': [
    `
applications: { apache2: { charm: apache2 } }
---
applications: { apache2: { num_units: 2, to: [lxd/0, lxd/1], expose: true } }`,
    'applications: { apache2: { charm: apache2, num_units: 2, to: [lxd/0, lxd/1], expose: true } }',
  ],
  'an application goes with its relations, and relations are added': [
    `
applications: { apache2: { charm: apache2 }, wordpress: { charm: wordpress }, dummy: { charm: dummy } }
relations: [["wordpress:www", "apache2:www"]]
---
applications:
  apache2: { charm: apache2 }
  wordpress:
relations: [["dummy:www", "apache2:www"]]`,
    `
applications: { apache2: { charm: apache2 }, dummy: { charm: dummy } }
relations: [["dummy:www", "apache2:www"]]`,
  ],
  'a SAAS goes with its relations': [
    `
saas: { postgres: { url: "jaas:admin/default.postgres" } }
applications: { wordpress: { charm: wordpress } }
relations: [["wordpress:db", "postgres:db"]]
---
saas: { postgres: , cockroachdb: { url: "jaas:admin/default.cockroachdb" } }`,
    `
saas: { cockroachdb: { url: "jaas:admin/default.cockroachdb" } }
applications: { wordpress: { charm: wordpress } }`,
  ],
  'offers come and go': [
    `
applications: { apache2: { charm: apache2, channel: stable, revision: 26 } }
---
applications: { apache2: { offers: { my-offer: { endpoints: [a, b] }, other: { endpoints: [a] } } } }
---
applications: { apache2: { offers: { other: } } }`,
    'applications: { apache2: { charm: apache2, channel: stable, revision: 26, offers: { my-offer: { endpoints: [a, b] } } } }',
  ],
  'machines are replaced as a whole': [
    `
applications: { apache2: { charm: apache2 } }
machines: { "0": {}, "1": {} }
---
machines: { "2": {} }`,
    'applications: { apache2: { charm: apache2 } }\nmachines: { "2": {} }',
  ],
};

for (const [name, [given, expected]] of Object.entries(examples)) {
  test(`as Juju's own tests say: ${name}`, () => {
    const { applications, relations = [], saas = {}, machines = {} } = parse(expected);
    assert.deepEqual(merged(given), { applications, relations, saas, machines, defaultBase: undefined });
  });
}

test('merge keys of YAML work, as in Go', () => {
  const bundle = merged(`
applications:
  wiki: &wiki { charm: mediawiki, options: &options { debug: false, name: unset } }
  other:
    <<: *wiki
    options: { <<: *options, name: other }`);
  assert.deepEqual(bundle.applications.other, {
    charm: 'mediawiki',
    options: { debug: false, name: 'other' },
  });
});

test('nothing behind a key clears what was there', () => {
  const base =
    'applications: { a: { charm: a, channel: edge, num_units: 3, constraints: mem=1G, options: { x: 1 }, storage: { s: 1G } } }';
  const over = 'applications: { a: { channel: , num_units: , constraints: , options: , storage: { s: } } }';
  const { a } = merged(base, over).applications;
  assert.deepEqual(a, {
    charm: 'a',
    channel: null,
    num_units: null,
    constraints: null,
    options: {},
    storage: { s: '' },
  });
});

test('an overlay that says nothing changes nothing', () => {
  const base = 'applications: { a: { charm: a, options: { x: 1 } } }';
  assert.deepEqual(merged(base, '', 'applications: { a: {} }'), merged(base));
});

test('an application that the bundle does not have cannot be emptied in the base, and one added has to be whole', () => {
  assert.throws(() => merged('applications:\n  apache2:\n'), /base application "apache2" has no body/);
  const added = merged('applications: { a: { charm: a } }', 'applications: { b: { num_units: 1 } }');
  assert.deepEqual(bundleProblems(added), ['empty charm path']);
});

test('what only an overlay may have is refused in the base', () => {
  assert.throws(
    () => merged('applications: { a: { charm: a, offers: { o: { endpoints: [e] } } } }'),
    /applications.a.offers can only appear in an overlay section/,
  );
});

test('unknown keys are told, with where they stand', () => {
  assert.throws(
    () => merged('applications: { a: { charm: a, num-units: 1 } }'),
    (error) => {
      assert.ok(error instanceof BundleError);
      assert.match(error.message, /num-units/);
      assert.match(error.message, /applications\.a/);
      return true;
    },
  );
  assert.throws(() => merged('services: { a: { charm: a } }'), /services/);
});

function files(t: TestContext, content: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'bundle-'));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const [path, text] of Object.entries(content)) {
    mkdirSync(join(directory, path, '..'), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

test('paths of charms and includes are relative to the file that names them, those of resources to the bundle', (t) => {
  const directory = files(t, {
    'bundle/bundle.yaml':
      'applications: { a: { charm: ./a, options: { x: "include-file://x" } }, b: { charm: b } }',
    'bundle/x': 'of the bundle\n',
    'site/over.yaml': `
applications:
  a: { options: { z: "include-base64://../secrets/y" } }
  c: { charm: ../c, resources: { file: ./c.bin, number: 3 } }`,
    'secrets/y': 'of the site',
  });
  const bundle = readBundle(join(directory, 'bundle'), [join(directory, 'site/over.yaml')]);
  assert.deepEqual(bundle.applications, {
    a: {
      charm: join(directory, 'bundle/a'),
      options: { x: 'of the bundle\n', z: Buffer.from('of the site').toString('base64') },
    },
    b: { charm: 'b' },
    c: { charm: join(directory, 'c'), resources: { file: join(directory, 'bundle/c.bin'), number: 3 } },
  });
});

test('a file that is not there is told', (t) => {
  const directory = files(t, {
    'bundle.yaml': 'applications: { a: { charm: a, options: { x: "include-file://y" } } }',
  });
  assert.throws(
    () => readBundle(directory),
    new RegExp(`processing "x": include file "${directory}/y" not found`),
  );
  assert.throws(() => readBundle(join(directory, 'nope.yaml')), /nope\.yaml" not found/);
});

test('everything that Juju would say against a bundle is said at once', () => {
  const bundle = merged(`
default-base: ubuntu
applications:
  good: { charm: good, num_units: 1, constraints: cores=2 mem=4G, storage: { data: "lxd,20G" }, to: ["0"] }
  bad:
    charm: ./nowhere
    num_units: 1
    constraints: colour=blue mem=much
    storage: { data: 20 G }
    to: [good/0, "7"]
    base: ubuntu
relations:
  - [good]
  - ["good:a", "good:b"]
  - ["good:a", "missing:b"]
  - ["bad:x", "good:y"]
  - ["good:y", "bad:x"]
machines: { "0": {}, "1": {} }`);
  assert.deepEqual(bundleProblems(bundle), [
    'charm path in application "bad" does not exist: /bundles/nowhere',
    'application "bad" declares an invalid base "ubuntu"',
    'invalid constraints "colour=blue mem=much" in application "bad": colour=blue',
    'invalid constraints "colour=blue mem=much" in application "bad": mem=much',
    'invalid storage "data" in application "bad": 20 G',
    'too many units specified in unit placement for application "bad"',
    'placement "7" refers to a machine not defined in this bundle',
    'bundle declares an invalid base "ubuntu"',
    'relation ["good"] has 1 endpoint(s), not 2',
    'relation ["good:a","good:b"] relates an application to itself',
    'relation ["good:a","missing:b"] refers to application "missing" not defined in this bundle',
    'relation ["good:y","bad:x"] is defined more than once',
    'machine "1" is not referred to by a placement directive',
  ]);
});

test('with the charms at hand, what they do not have is told too', () => {
  const bundle = merged(`
applications:
  a: { charm: a, options: { known: off, other: 2 }, storage: { disk: 1G }, resources: { file: ./x } }
  b: { charm: b }
relations: [["a:end", "b:nope"]]`);
  const known = { options: { known: 'string' }, endpoints: ['end'], storage: [], resources: [] };
  const charms = new Map([
    ['a', known],
    ['b', known],
  ]);
  assert.deepEqual(bundleProblems(bundle, charms), [
    'application "a": option "known" expected string, got false',
    'application "a": configuration option "other" not found in charm "a"',
    'application "a": storage "disk" not found in charm "a"',
    'application "a": resource "file" not found in charm "a"',
    'charm "b" used by application "b" does not define relation "nope"',
  ]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as z from 'zod';
import { masterDatabag, workerCredentials, workerDatabag } from './worker-relation.ts';

const ca = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const uri = 'secret:e9v7jovsltub699lhip0';
const juju = { 'egress-subnets': '192.0.2.1/32', 'ingress-address': '192.0.2.1' };

const master = {
  version: '1',
  address: '192.0.2.1',
  port: '9989',
  ca,
  credentials: `{"buildbot-worker/0":"${uri}"}`,
};
const worker = {
  version: '1',
  images: '["focal","jammy"]',
  capacity: '2',
  arch: 'arm64',
  helpers: '1.4.0-1',
};

function wrongIn(schema: z.ZodType, databag: Readonly<Record<string, string>>): string[] {
  return schema.safeParse(databag).error?.issues.map(({ path }) => path.join('.')) ?? [];
}

test('a worker learns where its master is and which secret is its own', () => {
  assert.deepEqual(masterDatabag.parse({ ...juju, ...master }), {
    version: '1',
    address: '192.0.2.1',
    port: 9989,
    ca,
    credentials: { 'buildbot-worker/0': uri },
  });
});

test('a master learns what a worker can build', () => {
  assert.deepEqual(workerDatabag.parse({ ...juju, ...worker }), {
    version: '1',
    images: ['focal', 'jammy'],
    capacity: 2,
    arch: 'arm64',
    helpers: '1.4.0-1',
  });
});

test('what one charm writes is what the other reads', () => {
  assert.deepEqual(z.encode(masterDatabag, masterDatabag.parse(master)), master);
  fc.assert(
    fc.property(
      fc.record(
        {
          version: fc.constant('1' as const),
          images: fc.array(fc.stringMatching(/^[A-Za-z][A-Za-z0-9._-]{0,69}$/)),
          capacity: fc.integer({ min: 1, max: 1000 }),
          arch: fc.constantFrom('amd64' as const, 'arm64' as const),
          helpers: fc.stringMatching(/^[\u0021-\u007e]{1,253}$/),
        },
        { noNullPrototype: true },
      ),
      (offer) => assert.deepEqual(workerDatabag.parse(z.encode(workerDatabag, offer)), offer),
    ),
  );
});

const wrongMasters = {
  version: '2',
  address: 'two words',
  port: '0',
  ca: 'a certificate',
  credentials: '{"nobody": "secret:x"}',
};
for (const [key, value] of Object.entries(wrongMasters)) {
  test(`a worker does not take a wrong ${key} from a master`, () => {
    const [wrong = ''] = wrongIn(masterDatabag, { ...master, [key]: value });
    assert.match(wrong, new RegExp(`^${key}\\b`));
  });
}

const wrongWorkers = {
  version: '0',
  images: '["../etc"]',
  capacity: '2.5',
  arch: 'vax',
  helpers: 'one\ntwo',
};
for (const [key, value] of Object.entries(wrongWorkers)) {
  test(`a master does not take a wrong ${key} from a worker`, () => {
    const [wrong = ''] = wrongIn(workerDatabag, { ...worker, [key]: value });
    assert.match(wrong, new RegExp(`^${key}\\b`));
  });
}

test('an empty databag is told as all that is missing', () => {
  assert.deepEqual(wrongIn(workerDatabag, juju), ['version', 'images', 'capacity', 'arch', 'helpers']);
  assert.deepEqual(wrongIn(masterDatabag, juju), ['version', 'address', 'port', 'ca', 'credentials']);
});

test('credentials are a name that Buildbot takes and a password of one word', () => {
  assert.deepEqual(wrongIn(workerCredentials, { name: 'buildbot-worker-0', password: 'secret' }), []);
  assert.deepEqual(wrongIn(workerCredentials, { name: 'a/b', password: 'two words' }), ['name', 'password']);
});

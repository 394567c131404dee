import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseMasterAddress, printMasterAddress } from './master-address.ts';
import { masterOfTac, tacPath, type WorkerSettings, workerFiles } from './worker-files.ts';

const places = { worker: '/w', trust: '/t', metrics: '/m' };
const settings: WorkerSettings = {
  master: { host: 'master', port: 9989 },
  name: 'w1',
  password: 'a"b\\c\n',
  admin: 'us',
  host: 'a machine',
};

const tac = (changes: Partial<WorkerSettings> = {}): string =>
  workerFiles(places, { ...settings, ...changes }).find(({ path }) => path === tacPath(places))?.content ??
  '';

test('the password is in one file only, which nobody else reads', () => {
  const holders = workerFiles(places, { ...settings, password: 'hunter2' }).filter(({ content }) =>
    content.includes('hunter2'),
  );
  assert.deepEqual(
    holders.map(({ path, mode, owner }) => ({ path, mode, owner })),
    [{ path: '/w/buildbot.tac', mode: 0o600, owner: 'worker' }],
  );
});

test('a password is a Python string whatever is in it', () => {
  assert.ok(tac().includes('Worker("master", 9989, "w1", "a\\"b\\\\c\\n", basedir'));
});

test('with an authority the connection is encrypted and trusts that one alone', () => {
  const text = tac({ authority: 'PEM', master: { host: 'fd00::1', port: 9 } });
  assert.ok(text.includes('connection_string="tls:fd00\\\\:\\\\:1:9:trustRoots=/t"'), text);
  assert.ok(text.includes('Worker(None, None, "w1"'));
});

test('the master is read from the file again, with and without encryption', () => {
  const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
  const master = fc.record({ host, port: fc.integer({ min: 1, max: 65_535 }) }, { noNullPrototype: true });
  fc.assert(
    fc.property(master, fc.constantFrom({}, { authority: 'PEM' }), fc.string(), (address, tls, password) => {
      assert.deepEqual(masterOfTac(tac({ master: address, password, ...tls })), address);
    }),
  );
  assert.equal(masterOfTac('something else'), undefined);
});

test('it drains on SIGHUP with and without encryption', () => {
  for (const text of [tac(), tac({ authority: 'PEM' })]) {
    assert.match(text, /allow_shutdown='signal'/);
    assert.match(text, /^worker\.gracefulShutdown = drain$/m);
  }
});

const addresses: readonly [string, string | undefined][] = [
  ['master.example.com:9989', 'master.example.com 9989'],
  ['10.0.0.1:1', '10.0.0.1 1'],
  ['[fd00::1]:65535', 'fd00::1 65535'],
  ['fd00::1:9989', undefined],
  ['master', undefined],
  ['master:', undefined],
  [':9989', undefined],
  ['master:0', undefined],
  ['master:65536', undefined],
  ['[master]:9989', undefined],
  ['-master:1', undefined],
  ['a b:1', undefined],
  ['a:trustRoots=/tmp:1', undefined],
];

for (const [text, expected] of addresses) {
  test(`${text} is ${expected ?? 'not an address'}`, () => {
    const address = parseMasterAddress(text);
    assert.equal(address && `${address.host} ${address.port}`, expected);
  });
}

test('an address is read as it was printed', () => {
  const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
  const port = fc.integer({ min: 1, max: 65_535 });
  fc.assert(
    fc.property(fc.record({ host, port }, { noNullPrototype: true }), (address) => {
      assert.deepEqual(parseMasterAddress(printMasterAddress(address)), address);
    }),
  );
});

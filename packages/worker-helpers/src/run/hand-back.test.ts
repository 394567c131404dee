import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handBackCommands } from './hand-back.ts';

const ids = { uid: 998, gid: 997 };
const since = 1_000_000_500;
const mapped = { mapping: { way: 'raw.idmap', ids }, since } as const;
const build = { path: '/srv/build', access: 'read-write' } as const;

test('whatever belongs to others is given to the owner, links themselves and not what they name', () => {
  const [command, ...rest] = handBackCommands({ ...mapped, binds: [build] });
  assert.deepEqual(rest, []);
  assert.equal(
    command?.join(' '),
    'find /srv/build -xdev ( ! -uid 998 -o ! -gid 997 ) ! -uid 65534 ! -gid 65534 -exec chown -h 998:997 {} +',
  );
});

test("where root inside is the machine's root, only what has changed since the command began is the command's", () => {
  const [command] = handBackCommands({ mapping: { way: 'shift', ids }, since, binds: [build] });
  assert.equal(
    command?.join(' '),
    'find /srv/build -xdev ( ! -uid 998 -o ! -gid 997 ) -newerct @1000000.480 -exec chown -h 998:997 {} +',
  );
});

test('what is read-only is left out, whatever its name looks like as a pattern', () => {
  const commands = handBackCommands({
    ...mapped,
    binds: [
      { path: '/srv/[x]', access: 'read-write' },
      { path: '/srv/[x]/.git', access: 'read-only' },
    ],
  });
  assert.equal(commands.length, 1);
  assert.deepEqual(commands[0]?.slice(0, 7), [
    'find',
    '/srv/[x]',
    '-xdev',
    '-path',
    '/srv/\\[x\\]/.git',
    '-prune',
    '-o',
  ]);
});

test('without a directory there is nothing to do', () => {
  assert.deepEqual(handBackCommands({ ...mapped, binds: [] }), []);
});

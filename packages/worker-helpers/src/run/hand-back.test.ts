import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handBackCommands } from './hand-back.ts';

const ids = { uid: 998, gid: 997 };

test('whatever belongs to others is given to the owner, links themselves and not what they name', () => {
  const [command, ...rest] = handBackCommands({ ids, binds: [{ path: '/srv/build', access: 'read-write' }] });
  assert.deepEqual(rest, []);
  assert.equal(
    command?.join(' '),
    'find /srv/build -xdev ( ! -uid 998 -o ! -gid 997 ) -exec chown -h 998:997 {} +',
  );
});

test('what is read-only is left out, whatever its name looks like as a pattern', () => {
  const commands = handBackCommands({
    ids,
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
  assert.deepEqual(handBackCommands({ ids, binds: [] }), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withSubordinateIds } from './ensure-lxd-ids.ts';

test('a bare machine gets a range for containers and the ids that builds own files with', () => {
  assert.equal(
    withSubordinateIds('', [1000, 110, 110]),
    'root:1000000:1000000000\nroot:1000:1\nroot:110:1\n',
  );
});

test("other users' ranges stay, and only what is missing is added", () => {
  assert.equal(
    withSubordinateIds('ann:100000:65536\nroot:500000:65536', [1000]),
    'ann:100000:65536\nroot:500000:65536\nroot:1000:1\n',
  );
});

test('a machine that is ready is left alone', () => {
  assert.equal(withSubordinateIds('root:1000000:65536\nroot:1000:1\n', [1000, 1_000_005]), undefined);
});

test('root of the machine is never handed to a container', () => {
  assert.equal(withSubordinateIds('root:1000000:65536\n', [0]), undefined);
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { buildbotFigures } from './buildbot-figures.ts';

const names = new Map([
  [1, 'devel'],
  [2, 'db-devel'],
]);
const nameOf = (builderid: number) => names.get(builderid);

it('counts each worker once in all, and once for each builder that may use it', () => {
  const { workers, builders } = buildbotFigures({
    workers: [
      { name: 'a', state: 'available', builderids: [1, 2] },
      { name: 'b', state: 'disconnected', builderids: [1] },
      { name: 'c', state: 'paused', builderids: [1] },
      { name: 'no longer configured', state: 'disconnected', builderids: [] },
    ],
    pending: [],
    nameOf,
  });
  assert.deepEqual(workers, { available: 1, paused: 1, draining: 0, disconnected: 1 });
  assert.deepEqual(builders.get('devel')?.workers, { available: 1, paused: 1, draining: 0, disconnected: 1 });
  assert.deepEqual(builders.get('db-devel')?.workers, { ...workers, paused: 0, disconnected: 0 });
});

it('tells since when the oldest request of a builder waits', () => {
  const { builders } = buildbotFigures({
    workers: [{ name: 'a', state: 'available', builderids: [1] }],
    pending: [
      { builderid: 2, submittedAt: 300 },
      { builderid: 2, submittedAt: 200 },
      { builderid: 99, submittedAt: 1 },
    ],
    nameOf,
  });
  assert.deepEqual([builders.get('devel')?.waiting, builders.get('devel')?.waitingSince], [0, undefined]);
  assert.deepEqual([builders.get('db-devel')?.waiting, builders.get('db-devel')?.waitingSince], [2, 200]);
  assert.equal(builders.size, 2);
});

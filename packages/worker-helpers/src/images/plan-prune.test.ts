import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { OwnImage } from './model.ts';
import { planPrune } from './plan-prune.ts';
import { image } from './testing.ts';

const pruned = (images: readonly OwnImage[], keep: number): string[] =>
  planPrune({ images, keepOf: () => keep }).map((one) => `${one.image.fingerprint}: ${one.why}`);

const old = (number: number, more: Partial<OwnImage> = {}): OwnImage =>
  image('focal', { fingerprint: `old${number}`, madeAt: number, current: false, ...more });
const current = image('focal', { fingerprint: 'current', madeAt: 100 });

describe('which images are deleted', () => {
  it('keeps the current one and the newest of the others', () => {
    assert.deepEqual(pruned([old(1), old(3), current, old(2)], 2), ['old2: older ones', 'old1: older ones']);
    assert.deepEqual(pruned([old(1), current], 2), []);
  });

  it('keeps the current one even where the alias was put back to an older one', () => {
    const images = [image('focal', { fingerprint: 'current', madeAt: 1 }), old(2), old(3)];
    assert.deepEqual(pruned(images, 1), ['old3: older ones', 'old2: older ones']);
  });

  it('keeps what a container was made from, but not for what only builds are copied from', () => {
    assert.deepEqual(
      pruned([current, old(1, { users: 1 }), old(2, { prepared: ['lpbuildbot-prepared-x'] })], 1),
      ['old2: older ones'],
    );
  });

  it('keeps what is being made, and deletes what was left over', () => {
    const images = [old(1, { state: 'in the making' }), old(2, { state: 'left over' }), current];
    assert.deepEqual(pruned(images, 5), ['old2: left over']);
  });

  it('counts for each name by itself', () => {
    const jammy = image('jammy', { fingerprint: 'jammy', current: true });
    assert.deepEqual(pruned([current, jammy, old(1)], 1), ['old1: older ones']);
  });
});

describe('whatever the images', () => {
  const any = fc.record(
    {
      name: fc.constantFrom('a', 'b'),
      madeAt: fc.nat(9),
      state: fc.constantFrom('whole' as const, 'in the making' as const, 'left over' as const),
      users: fc.nat(1),
    },
    { noNullPrototype: true },
  );
  const store = fc.array(any, { maxLength: 12 }).chain((facts) => {
    const images = facts.map(({ name, ...more }, index) =>
      image(name, { ...more, fingerprint: String(index), current: false }),
    );
    return fc
      .nat(Math.max(0, images.length - 1))
      .map((chosen) =>
        images.map((one, index) =>
          index === chosen ? { ...one, current: true, state: 'whole' as const } : one,
        ),
      );
  });

  it('nothing that is in use, current or in the making goes, and enough stays', () => {
    fc.assert(
      fc.property(store, fc.integer({ min: 1, max: 4 }), (images, keep) => {
        const gone = planPrune({ images, keepOf: () => keep }).map((one) => one.image);
        assert.ok(
          gone.every(({ current, users, state }) => !current && users === 0 && state !== 'in the making'),
        );
        for (const name of ['a', 'b']) {
          const whole = images.filter((one) => one.name === name && one.state === 'whole');
          const left = whole.filter((one) => !gone.includes(one));
          assert.ok(left.length >= Math.min(keep, whole.length));
        }
      }),
    );
  });

  it('doing it again finds nothing', () => {
    fc.assert(
      fc.property(store, fc.integer({ min: 1, max: 4 }), (images, keep) => {
        const gone = planPrune({ images, keepOf: () => keep }).map((one) => one.image);
        const left = images.filter((one) => !gone.includes(one));
        assert.deepEqual(planPrune({ images: left, keepOf: () => keep }), []);
      }),
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { startTicks } from './ticks.ts';

const start = Date.UTC(2026, 0, 1, 12, 0, 30);
const minute = 60_000;

/** Minutes by the clock of the test, and the times at which they were told. */
function clock(t: TestContext, tick: () => Promise<void> = async () => {}): { readonly told: string[] } {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: start });
  const told: string[] = [];
  const ticks = startTicks('* * * * *', async () => {
    told.push(new Date().toISOString().slice(11, 19));
    await tick();
  });
  t.after(() => ticks.stop());
  return { told };
}

/** Time passes as the event loop sees it: in small steps, with a chance for promises in between. */
async function pass(t: TestContext, milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 1_000) {
    t.mock.timers.tick(1_000);
    await Promise.resolve();
    await Promise.resolve();
  }
}

// That a clock may also be set back is shown on the service itself (test/faults-state.test.ts): a mocked one cannot be.
describe('a minute’s tick', () => {
  it('comes once a minute, on the minute', async (t) => {
    const { told } = clock(t);
    await pass(t, 3 * minute);
    assert.deepEqual(told, ['12:01:00', '12:02:00', '12:03:00']);
  });

  it('comes at once, and once, after the clock was set forward by decades', async (t) => {
    const { told } = clock(t);
    t.mock.timers.setTime(Date.UTC(2060, 5, 1, 3, 0, 10));
    await pass(t, minute);
    assert.equal(told.length, 2);
    assert.match(told[0] ?? '', /^03:00:1\d$/);
    assert.equal(told[1], '03:01:00');
  });

  it('does not come while the last one is still being answered', async (t) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { told } = clock(t, () => promise);
    await pass(t, 3 * minute);
    assert.deepEqual(told, ['12:01:00']);
    resolve();
    await pass(t, minute);
    assert.deepEqual(told, ['12:01:00', '12:04:00']);
  });
});

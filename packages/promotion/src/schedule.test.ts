import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { due } from './schedule.ts';

const every10 = { kind: 'cron', expression: '*/10 * * * *' } as const;
const at = (clock: string) => Date.parse(`2026-11-23T${clock}:00Z`);

describe('a merge every ten minutes', () => {
  it('is due once a tick has passed since it was last considered', () => {
    assert.deepEqual(due(every10, at('02:05'), at('02:10')), { kind: 'now' });
  });

  it('is not due before the next tick', () => {
    assert.deepEqual(due(every10, at('02:10'), at('02:19')), { kind: 'at', time: at('02:20') });
  });

  it('is due once after a night of being away', () => {
    assert.deepEqual(due(every10, at('02:05'), at('09:03')), { kind: 'now' });
    assert.deepEqual(due(every10, at('09:03'), at('09:04')), { kind: 'at', time: at('09:10') });
  });

  it('means UTC, whatever the machine means', () => {
    const nightly = { kind: 'cron', expression: '0 3 * * *' } as const;
    assert.deepEqual(due(nightly, at('02:00'), at('02:30')), { kind: 'at', time: at('03:00') });
  });
});

describe('a merge without a clock', () => {
  it('is due at each look when it follows promotions', () => {
    assert.deepEqual(due({ kind: 'promotion' }, at('02:00'), at('02:00')), { kind: 'now' });
  });

  it('is never due by itself when it is manual', () => {
    assert.deepEqual(due({ kind: 'manual' }, at('02:00'), at('09:00')), { kind: 'by-hand' });
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decidePromotion } from '../decide-promotion.ts';
import { build, builds, promotionPair, sha } from '../testing.ts';
import { missingOf, type Status, type StatusInputs, statusesOf } from './statuses.ts';

const tip = sha(0xa);
const pair = promotionPair({ requires: ['fast', 'slow'] });

function inputs(change: Partial<StatusInputs> = {}): StatusInputs {
  const { builds: known = builds(), pair: of = pair } = change;
  const verdict = decidePromotion({
    pair: of,
    from: tip,
    to: sha(1),
    toSeen: true,
    relation: { kind: 'ahead', candidates: [tip] },
    builds: known,
    hold: undefined,
  });
  const link = ({ number }: { readonly number: number }) => `http://buildbot/${number}`;
  return {
    pair: of,
    from: tip,
    verdict,
    refusal: undefined,
    builds: known,
    isStable: false,
    link,
    ...change,
  };
}

function said(change: Partial<StatusInputs> = {}): string[] {
  return statusesOf(tip, inputs(change)).map(
    ({ context, state, description }) => `${context} ${state}: ${description}`,
  );
}

const number = (text: string) => text.replace(/#\d+/g, '#N');

describe('the statuses of a revision', () => {
  it('that nothing has built are one of the pair, which says what it waits for', () => {
    assert.deepEqual(said(), ['lpbuildbot/demo: master -> stable pending: waits for fast and slow']);
  });

  it('say of each builder what it has found', () => {
    const known = builds(
      build(tip, 'success', { builder: 'fast' }),
      build(tip, 'running', { builder: 'slow' }),
    );
    assert.deepEqual(said({ builds: known }).map(number), [
      'lpbuildbot/fast success: #N: success',
      'lpbuildbot/slow pending: #N is building',
      'lpbuildbot/demo: master -> stable pending: waits for slow',
    ]);
  });

  it('say that a red builder keeps it back, even while another one runs', () => {
    const known = builds(
      build(tip, 'running', { builder: 'fast' }),
      build(tip, 'failure', { builder: 'slow' }),
    );
    assert.deepEqual(said({ builds: known }).map(number), [
      'lpbuildbot/fast pending: #N is building',
      'lpbuildbot/slow failure: #N: failure',
      'lpbuildbot/demo: master -> stable failure: failed: slow',
    ]);
  });

  it('go on from a build that said nothing to the one that runs instead', () => {
    const known = builds(
      build(tip, 'exception', { builder: 'slow' }),
      build(tip, 'running', { builder: 'slow' }),
    );
    assert.match(said({ builds: known })[0] ?? '', /slow pending: #\d+ is building/);
  });

  it('link to the build', () => {
    const only = build(tip, 'success', { builder: 'fast' });
    const [status] = statusesOf(tip, inputs({ builds: builds(only) }));
    assert.equal(status?.target_url, `http://buildbot/${only.number}`);
  });

  it('say that it has arrived, that it is held, refused, and that the branches have parted', () => {
    const green = builds(
      build(tip, 'success', { builder: 'fast' }),
      build(tip, 'warnings', { builder: 'slow' }),
    );
    const last = (change: Partial<StatusInputs>) => said({ builds: green, ...change }).at(-1);
    const hold = { pair: pair.id, who: 'ann', why: 'release', since: 0 };
    const would = inputs({ builds: green }).verdict;
    const whole = 'lpbuildbot/demo: master -> stable';
    assert.equal(last({ isStable: true }), `${whole} success: on stable`);
    assert.equal(last({ verdict: { kind: 'held', hold, would } }), `${whole} pending: held by ann: release`);
    assert.equal(last({ refusal: { revision: tip, reason: 'frozen', since: 0 } }), `${whole} error: frozen`);
    assert.equal(
      last({ verdict: { kind: 'diverged', from: tip, to: sha(2) } }),
      `${whole} error: stable is not an ancestor of master`,
    );
  });

  it('have descriptions that GitHub takes, whatever somebody wrote', () => {
    const why = '🙂'.repeat(300);
    const [status] = statusesOf(tip, inputs({ refusal: { revision: tip, reason: why, since: 0 } }));
    assert.equal([...(status?.description ?? '')].length, 140);
  });
});

describe('what is sent', () => {
  const status: Status = { context: 'c', state: 'pending', description: 'd', target_url: '' };

  it('is only what is not there already', () => {
    const has = new Map([['c', status]]);
    assert.deepEqual(missingOf([status], has), []);
    const changed: Status = { ...status, state: 'success' };
    assert.deepEqual(missingOf([changed], has), [changed]);
    assert.deepEqual(missingOf([status], new Map()), [status]);
  });
});

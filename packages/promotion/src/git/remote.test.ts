import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readReport } from './remote.ts';

const ref = 'refs/heads/stable';
const line = (flag: string, summary: string) => `To /srv/demo.git\n${flag}\tabc:${ref}\t${summary}\nDone\n`;

describe("git push's report", () => {
  it('says that the branch moved, or was there already', () => {
    for (const flag of [' ', '*', '=']) {
      assert.deepEqual(readReport(line(flag, '1..2'), '', ref), { kind: 'moved' });
    }
  });

  for (const summary of [
    '[rejected] (stale info)',
    '[remote rejected] (failed to update ref)',
    "[remote rejected] (cannot lock ref 'refs/heads/stable': is at 1 but expected 2)",
    '[remote rejected] (reference already exists)',
  ]) {
    it(`says with ${summary} that somebody else was there`, () => {
      assert.deepEqual(readReport(line('!', summary), '', ref), { kind: 'stale' });
    });
  }

  it("hands on the server's own words when it declines", () => {
    const stderr = 'remote: stable is frozen until Monday   \nremote: \nerror: failed to push some refs\n';
    assert.deepEqual(readReport(line('!', '[remote rejected] (pre-receive hook declined)'), stderr, ref), {
      kind: 'refused',
      reason: '[remote rejected] (pre-receive hook declined) stable is frozen until Monday',
    });
  });

  it('leaves open what a broken connection left open', () => {
    assert.equal(
      readReport(line('!', '[remote failure] (remote failed to report status)'), '', ref).kind,
      'unclear',
    );
    assert.deepEqual(readReport('', 'fatal: the remote end hung up unexpectedly\n', ref), {
      kind: 'unclear',
      reason: 'the remote end hung up unexpectedly',
    });
  });
});

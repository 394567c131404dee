import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStates } from './services.ts';

test('several units are told apart, and one that is not there is inactive', () => {
  const output = `MainPID=655
Id=buildmaster.service
ActiveState=active
UnitFileState=enabled

MainPID=0
Id=gone.service
ActiveState=inactive
UnitFileState=

Id=a.timer
ActiveState=activating
UnitFileState=static

MainPID=0
Id=b.service
ActiveState=failed
UnitFileState=disabled
`;
  assert.deepEqual(
    [...parseStates(output)],
    [
      ['buildmaster.service', { active: 'active', pid: 655, enabled: 'enabled' }],
      ['gone.service', { active: 'inactive', pid: undefined, enabled: 'disabled' }],
      ['a.timer', { active: 'activating', pid: undefined, enabled: 'disabled' }],
      ['b.service', { active: 'failed', pid: undefined, enabled: 'disabled' }],
    ],
  );
});

/** The fake against a real Juju: every recorded hook, call by call, and how it ended. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inconsistencies } from '../testing/consistency.ts';
import { environmentOf } from '../testing/environment.ts';
import { finishHook } from '../testing/fake/finish.ts';
import { beginHook } from '../testing/fake/hook.ts';
import { fakeRunner } from '../testing/fake/runner.ts';
import { newState } from '../testing/state.ts';
import { replay } from './recording.ts';
import { scenes } from './scenes.ts';

for (const { name, recording, charm, event, state } of scenes) {
  test(`${name}: ${recording.head.about}`, async () => {
    const base = newState(charm, state);
    assert.deepEqual(inconsistencies(charm, base, event), []);
    assert.equal(environmentOf(charm, base, event).JUJU_DISPATCH_PATH, recording.head.event);
    const hook = beginHook(charm, base, event, {
      kill: () => assert.fail('the recorded hook was not killed'),
    });
    assert.deepEqual(await replay(recording, fakeRunner(hook)), []);

    const { end } = finishHook(hook, recording.head.code);
    const { rejected } = recording.head;
    assert.equal(end.kind, rejected === undefined ? 'applied' : 'rejected');
    if (end.kind === 'rejected') assert.equal(plain(end.reason), plain(rejected ?? ''));
  });
}

test('no recording is left out', () => {
  const files = readdirSync(join(import.meta.dirname, 'fixtures', 'hooks'));
  assert.deepEqual(
    files.map((file) => file.replace('.jsonl', '')).sort(),
    scenes.map(({ name }) => name).sort(),
  );
});

/** Without what names the controller's own records. */
function plain(reason: string): string {
  return reason
    .replace(/looking up relation endpoint uuids for unit "[^"]*": /, '')
    .replace(/getting unit "[^"]*" storage directive: /, '')
    .replace(/(?<=does exist on unit ).*$/, '')
    .replace(/[0-9a-v]{20}/, 'ID');
}

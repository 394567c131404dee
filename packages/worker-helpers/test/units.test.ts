/** What systemd's units of the package say, where it must agree with what the commands know. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import listImages from '../src/images/list-images-command.ts';
import { PLACES } from '../src/setup/places.ts';

const debian = join(import.meta.dirname, '../../../debian');

test('the timers write what Prometheus is told to where a removal looks for it', async () => {
  for (const timer of ['clean-containers', 'refresh-images']) {
    const unit = await readFile(join(debian, `lpbuildbot-worker.lpbuildbot-${timer}.service`), 'utf8');
    const [, command] = /^ExecStopPost=-\/usr\/bin\/(lpbuildbot-list-images .*)$/m.exec(unit) ?? [];
    assert.equal(command, `${listImages.doc.name} --metrics-file ${PLACES.metrics}`, timer);
  }
  assert.match(
    await readFile(join(debian, 'lpbuildbot-worker.prerm'), 'utf8'),
    new RegExp(`rm -f ${PLACES.metrics}\n`),
  );
});

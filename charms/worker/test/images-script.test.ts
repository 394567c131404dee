/** The script of the background job, run by a real shell; only the commands that it calls are replaced. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeImagesScript } from '../src/images-script.ts';
import { places, units } from '../src/places.ts';

const directory = mkdtempSync(join(tmpdir(), 'images-script-'));
after(() => rmSync(directory, { recursive: true }));

function program(name: string, script: string): void {
  mkdirSync(join(directory, 'bin'), { recursive: true });
  writeFileSync(join(directory, 'bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, 'bin', name), 0o755);
}

/** In a directory of the test's in place of the machine's. */
const inside = (text: string): string =>
  text.replaceAll(places.run, join(directory, 'run')).replaceAll(places.state, join(directory, 'state'));

function makeImages(...args: string[]): { readonly stderr: string } {
  const path = `${join(directory, 'bin')}:/usr/bin:/bin`;
  const ran = spawnSync('/bin/sh', ['-c', inside(makeImagesScript), 'sh', ...args], {
    env: { PATH: path },
    encoding: 'utf8',
  });
  assert.equal(ran.status, 0, ran.stderr);
  return ran;
}

const log = join(directory, 'log');
const record = `echo "$(basename "$0") $*" >>${log}`;

test('each image is made in its turn, what failed is kept with its reason, and Juju is asked to look', () => {
  program('juju-exec', record);
  program('systemd-run', 'while [ "$1" != timeout ]; do shift; done; "$@"');
  // The job is over when it has been asked for the third time.
  program(
    'systemctl',
    `${record}; if [ "$(grep -c ^systemctl ${log})" -lt 3 ]; then echo deactivating; else echo inactive; fi`,
  );
  program(
    'lpbuildbot-create-image',
    `echo "create $* $(cat ${inside(places.imagesProgress)})" >>${log}
     for last; do :; done
     [ "$last" != jammy ] || { echo 'jammy: making it' >&2; printf 'no\\tnetwork in it\\n' >&2; exit 1; }`,
  );
  const { stderr } = makeImages('buildbot-worker/3', 'd1', '--force', 'focal', 'jammy', 'noble');
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  const looks = lines.filter((line) => line.startsWith('juju-exec'));
  const look = 'juju-exec buildbot-worker/3 JUJU_DISPATCH_PATH=hooks/update-status ./dispatch';
  assert.deepEqual(looks, [look, look, look, look], 'before each image, and at the end');
  const asked = `systemctl show --property=ActiveState --value ${units.images}`;
  assert.deepEqual(lines.slice(-4), [asked, asked, asked, look], 'the last one only when the job is over');
  assert.deepEqual(
    lines.filter((line) => line.startsWith('create')),
    ['create --force focal 1 3 focal', 'create --force jammy 2 3 jammy', 'create --force noble 3 3 noble'],
  );
  assert.equal(readFileSync(inside(places.imagesResult), 'utf8'), 'd1\njammy\tno network in it\n');
  assert.ok(!existsSync(inside(places.imagesProgress)));
  assert.match(stderr, /jammy: making it/, 'the journal has all of it');
});

test('without Juju at hand images are made all the same, and no option is no argument', () => {
  rmSync(join(directory, 'bin/juju-exec'));
  rmSync(log);
  program('lpbuildbot-create-image', `echo "create $#" >>${log}`);
  makeImages('buildbot-worker/3', 'd2', '', 'focal');
  assert.equal(readFileSync(log, 'utf8'), 'create 1\n');
  assert.equal(readFileSync(inside(places.imagesResult), 'utf8'), 'd2\n');
});

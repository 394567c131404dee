/** The tests that the source package carries for the distribution's own machinery, run by it on a fresh machine. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { execa } from 'execa';
import { lxc, Machine, machineName } from './lxc.ts';
import { ensureMachineImage } from './machine-image.ts';
import { APT, presentPackages } from './packages.ts';

const debian = join(import.meta.dirname, '../../debian');

let directory: string;
let machine: Machine;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'autopkgtest-'));
  machine = await Machine.launch(await ensureMachineImage(console.error), machineName('autopkgtest'));
  await machine.sh(`${APT} install autopkgtest`);
});

after(async () => {
  await machine?.destroy();
  await rm(directory, { recursive: true });
});

test("autopkgtest runs the package's own tests", async () => {
  const files = await presentPackages();
  for (const file of files) await machine.push(file, `/root/${basename(file)}`);
  await cp(debian, join(directory, 'source/debian'), { recursive: true });
  await writeFile(join(directory, 'source/README'), 'the tests of a package need a source tree\n');
  await execa('tar', ['--create', '--file', 'source.tar', 'source'], { cwd: directory });
  await lxc(['file', 'push', '--quiet', join(directory, 'source.tar'), `${machine.name}/root/source.tar`]);
  await machine.sh('cd /root && tar --extract --no-same-owner --file source.tar');
  const packages = files.map((file) => `/root/${basename(file)}`).join(' ');
  const { code, output } = await machine.run(
    `cd /root && autopkgtest --no-built-binaries ${packages} /root/source -- null 2>&1`,
  );
  assert.equal(code, 0, output.slice(-4000));
  assert.match(output, /^commands +PASS/m);
  assert.match(output, /^set-up +PASS/m);
});

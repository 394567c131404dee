import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { execa } from 'execa';
import { GitWorld } from './git-world.ts';
import { filesWithSecrets, watchSecrets } from './secret-watch.ts';

const secret = (): string => randomBytes(12).toString('hex');

test('a secret in an argument or in the environment is seen, even in a short-lived grandchild', async () => {
  const [inArguments, inEnvironment, kept] = [secret(), secret(), secret()];
  const { result, sightings, processes } = await watchSecrets(
    [inArguments, inEnvironment, kept],
    async () => {
      await execa('sh', ['-c', 'sh -c "sleep 0.1; exit" "$0"; true', inArguments]);
      await execa('sh', ['-c', 'sleep 0.1; true'], { env: { TOKEN: inEnvironment } });
      await execa('sh', ['-c', 'cat; sleep 0.1'], { input: kept });
      return 'done';
    },
  );
  assert.equal(result, 'done');
  const seen = new Set(sightings.map(({ where, secret: index }) => `${index} in ${where}`));
  assert.deepEqual([...seen].sort(), ['0 in arguments', '1 in environment']);
  assert.ok(sightings.some(({ process }) => process.includes('sleep 0.1; exit')));
  assert.ok(processes.some((called) => called.startsWith('sh -c cat')));
});

test('a secret in a file is found, wherever it lies, and not in the file that keeps it', async () => {
  await using world = await GitWorld.create();
  const repository = await world.repository('launchpad');
  const hidden = secret();
  await writeFile(world.path('password'), hidden);
  assert.deepEqual(await filesWithSecrets(world.directory, [hidden], [world.path('password')]), []);
  await repository.configure({ 'remote.origin.url': `https://me:${hidden}@example.org/` });
  const found = await filesWithSecrets(world.directory, [hidden], [world.path('password')]);
  assert.deepEqual(found, [`${repository.path}/config`]);
});

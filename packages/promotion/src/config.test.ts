import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Config, loadConfig } from './config.ts';

describe('the configuration', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lpbuildbot-config-'));
  });
  after(() => rm(directory, { recursive: true }));

  const load = async (text: string): Promise<Config> => {
    const file = join(directory, 'promotion.yaml');
    await writeFile(file, text);
    return await loadConfig(file);
  };
  const least = 'pipelines: [demo.yaml]\nbuildbot: http://localhost:8010\nstate: state\n';

  it('needs three lines, and takes paths from where it lies', async () => {
    const config = await load(least);
    assert.deepEqual(config.pipelines, [join(directory, 'demo.yaml')]);
    assert.equal(config.state, join(directory, 'state'));
    assert.equal(config.buildbot, 'http://localhost:8010/');
    assert.equal(config.git['read-timeout'], 60_000);
  });

  it('tells all its mistakes at once, each with its place', async () => {
    const wrong = `${least}mode: on\nreconcile: every minute\nretry: { first: soon }\ngit: { ssh-key: /k }\n`;
    await assert.rejects(load(wrong), (error: Error) => {
      assert.equal(error.name, 'ConfigError');
      for (const place of [
        'mode',
        'reconcile: write a cron expression',
        'retry.first: write a number',
        'ssh-key',
      ]) {
        assert.ok(error.message.includes(place), `${place} is missing from ${error.message}`);
      }
      return true;
    });
  });

  it('is read with seconds in its schedule, too', async () => {
    assert.equal((await load(`${least}reconcile: "*/5 * * * * *"\n`)).reconcile, '*/5 * * * * *');
  });

  it('that is no YAML, or not there, is one sentence', async () => {
    await assert.rejects(load('a: [b'), { name: 'ConfigError' });
    await assert.rejects(loadConfig(join(directory, 'none.yaml')), {
      name: 'ConfigError',
      message: /none\.yaml/,
    });
  });
});

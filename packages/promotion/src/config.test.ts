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

  it('names the servers that take news, with paths from where it lies', async () => {
    const config = await load(
      `${least}mattermost: { webhook-file: hook }\nmail: { server: smtp://mail.example.org, from: a@example.org }\n`,
    );
    assert.equal(config.mattermost?.['webhook-file'], join(directory, 'hook'));
    assert.equal(config.mattermost?.pause, 1000);
    assert.deepEqual(config.mail?.server, { host: 'mail.example.org', port: 25, secure: false });
    const more = 'from: a@example.org, user: robot, password-file: p';
    const secure = await load(`${least}mail: { server: "smtps://[::1]:4650", ${more} }\n`);
    assert.deepEqual(secure.mail?.server, { host: '::1', port: 4650, secure: true });
    assert.equal(secure.mail?.['password-file'], join(directory, 'p'));
    const implied = await load(`${least}mail: { server: smtps://mail, ${more} }\n`);
    assert.equal(implied.mail?.server.port, 465);
  });

  it('takes no server that it could not use', async () => {
    const mail = 'server: http://mail, from: A <a@b>, user: robot';
    await assert.rejects(load(`${least}mattermost: { webhook: x }\nmail: { ${mail} }\n`), (error: Error) => {
      for (const place of [
        'mattermost.webhook-file',
        'mail.server: write smtp://',
        'mail.from: write an address',
      ])
        assert.ok(error.message.includes(place), error.message);
      return true;
    });
    const half = load(`${least}mail: { server: smtp://mail, from: a@b, user: robot }\n`);
    await assert.rejects(half, { message: /user and password-file belong together/ });
  });

  it('that is no YAML, or not there, is one sentence', async () => {
    await assert.rejects(load('a: [b'), { name: 'ConfigError' });
    await assert.rejects(loadConfig(join(directory, 'none.yaml')), {
      name: 'ConfigError',
      message: /none\.yaml/,
    });
  });
});

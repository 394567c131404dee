import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { commandText, promotionFiles, unitText } from './files.ts';

test('a unit has its paths, and the model’s proxies in systemd’s own quoting', () => {
  const template = 'ExecStart=@NODE@ run\n@PROXY@\n';
  assert.equal(unitText(template, { NODE: '/opt/node' }, {}), 'ExecStart=/opt/node run\n\n');
  assert.equal(
    unitText(
      template,
      { NODE: '/opt/node' },
      { https_proxy: 'http://me:a%20"b@proxy:3128', no_proxy: '::1' },
    ),
    'ExecStart=/opt/node run\nEnvironment="https_proxy=http://me:a%%20\\"b@proxy:3128"\nEnvironment="no_proxy=::1"\n',
  );
});

test('a token for GitHub is a password for git, unless there is another one', () => {
  const none = { webUsers: new Map(), workers: [] };
  const configOf = (secrets: Parameters<typeof promotionFiles>[0]) => {
    const { files } = promotionFiles(secrets, 'active', 8010, []);
    const config = files.find(({ path }) => path.endsWith('promotion.yaml'));
    return config !== undefined && 'content' in config ? parse(config.content).git : undefined;
  };
  assert.deepEqual(configOf(none), {});
  assert.equal(configOf({ ...none, githubToken: 'ghp' })['https-username'], 'x-access-token');
  const https = { username: 'robot', password: 'x' };
  assert.equal(configOf({ ...none, githubToken: 'ghp', https })['https-username'], 'robot');
});

test('the command for operators works as the service’s own user', () => {
  assert.match(
    commandText('/n', '/p'),
    /exec runuser -u lpbuildbot-promotion -- \/n \/p "\$@"\nexec \/n \/p "\$@"\n$/,
  );
});

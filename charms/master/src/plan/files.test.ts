import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { commandText, promotionFiles, secretFiles, unitText } from './files.ts';

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

test('a token for GitHub is for its API, and a password for git when there is no other one', () => {
  const none = { webUsers: new Map(), workers: [] };
  const configOf = (secrets: Parameters<typeof promotionFiles>[0]) => {
    const { files } = promotionFiles(
      secrets,
      'active',
      { port: 8010, url: 'http://a/', mail: undefined },
      [],
    );
    const config = files.find(({ path }) => path.endsWith('promotion.yaml'));
    return config !== undefined && 'content' in config ? parse(config.content) : undefined;
  };
  assert.deepEqual(configOf(none).git, {});
  assert.equal(configOf({ ...none, githubToken: 'ghp' }).git['https-username'], 'x-access-token');
  assert.deepEqual(configOf({ ...none, githubToken: 'ghp' }).github, [
    { 'token-file': secretFiles.githubToken },
  ]);
  const https = { username: 'robot', password: 'x' };
  assert.equal(configOf({ ...none, githubToken: 'ghp', https }).git['https-username'], 'robot');
});

test('news go where the secret and the settings say, with the secrets in files of their own', () => {
  const secrets = {
    webUsers: new Map(),
    workers: [],
    mattermostWebhook: 'https://chat.example.com/hooks/abc',
    mailLogin: { user: 'robot', password: 'hunter2' },
  };
  const mail = { server: 'smtp://mail.example.com', from: 'lpbuildbot@example.com' };
  const { files } = promotionFiles(secrets, 'active', { port: 8010, url: 'http://a/', mail }, []);
  const content = (path: string) => {
    const file = files.find((each) => each.path === path);
    return file !== undefined && 'content' in file ? file : undefined;
  };
  const config = content('/etc/lpbuildbot/promotion.yaml');
  assert.deepEqual(parse(config?.content ?? '').mattermost, {
    'webhook-file': secretFiles.mattermostWebhook,
  });
  assert.deepEqual(parse(config?.content ?? '').mail, {
    ...mail,
    user: 'robot',
    'password-file': secretFiles.mailPassword,
  });
  assert.doesNotMatch(config?.content ?? '', /hunter2|hooks/);
  for (const path of [secretFiles.mattermostWebhook, secretFiles.mailPassword]) {
    const file = content(path);
    assert.deepEqual([file?.mode, file?.owner], [0o600, 'lpbuildbot-promotion']);
  }
  const plain = promotionFiles(
    { webUsers: new Map(), workers: [] },
    'active',
    { port: 1, url: '', mail },
    [],
  );
  const given = plain.files.flatMap((file) => ('content' in file ? [file.content] : []));
  assert.deepEqual(parse(given[0] ?? '').mail, mail);
});

test('the command for operators works as the service’s own user', () => {
  assert.match(
    commandText('/n', '/p'),
    /exec runuser -u lpbuildbot-promotion -- \/n \/p "\$@"\nexec \/n \/p "\$@"\n$/,
  );
});

/** Settings, the secret, and pipeline files: what is wrong is told, and what ran keeps running. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { event, type State, secret } from '@lpbuildbot/juju/testing';
import { MASTER, MASTER_USER, PROMOTION, PROMOTION_USER, places } from '../src/places.ts';
import { secretFiles } from '../src/plan/files.ts';
import { offer, PIPELINE, running, World, workers } from './world.ts';

const REPOSITORY = 'https://git.example.com/config';
const id = 'e9v7jovsltub699lhip0';

function given(content: Readonly<Record<string, string>>, more: object = {}): Partial<State> {
  return {
    config: { pipelines: PIPELINE, secrets: `secret:${id}` },
    secrets: [secret({ id, owner: 'elsewhere', content, ...more })],
  };
}

/** With the secrets that the charm has made. */
function withSecret(
  world: World,
  content: Readonly<Record<string, string>>,
  more: object = {},
): Partial<State> {
  const own = (world.state.secrets ?? []).filter((each) => each.owner !== 'elsewhere');
  const { config, secrets = [] } = given(content, more);
  return { ...world.config(config ?? {}), secrets: [...own, ...secrets] };
}

const refusals: readonly {
  readonly what: string;
  readonly config: State['config'];
  readonly told: string;
}[] = [
  {
    what: 'neither repository nor pipelines',
    config: {},
    told: 'no pipelines; set config-repository, or pipelines',
  },
  {
    what: 'both repository and pipelines',
    config: { pipelines: PIPELINE, 'config-repository': REPOSITORY },
    told: 'both config-repository and pipelines are set; reset one of them',
  },
  {
    what: 'a mistake in a pipeline',
    config: { pipelines: PIPELINE.replace('branch: main', 'brunch: main') },
    told: 'pipelines:5:16: found the unknown key "brunch"; write `branch`',
  },
  {
    what: 'a repository that cannot be reached',
    config: { 'config-repository': 'https://nowhere.example.com/' },
    told: 'config-repository cannot be read: Could not resolve host',
  },
  {
    what: 'a program in the place of a repository',
    config: { 'config-repository': 'ext::sh -c id' },
    told: 'config-repository is "ext::sh -c id"; set it to the address of a git repository: https, ssh, git, or a path',
  },
  {
    what: 'an option in the place of a branch',
    config: { 'config-repository': REPOSITORY, 'config-branch': '--upload-pack=id' },
    told: 'config-branch is "--upload-pack=id"; set it to the name of a branch',
  },
  {
    what: 'a privileged port',
    config: { pipelines: PIPELINE, 'web-port': 80 },
    told: 'web-port is 80; set it to a port from 1024 to 65535',
  },
  {
    what: 'one port for two things',
    config: { pipelines: PIPELINE, 'web-port': 9989 },
    told: 'web-port and worker-port are both 9989; set one of them to another port',
  },
  {
    what: 'an unknown mode',
    config: { pipelines: PIPELINE, promotion: 'on' },
    told: 'promotion is "on"; set it to active, shadow or off',
  },
  {
    what: 'an address that is none',
    config: { pipelines: PIPELINE, 'web-url': 'buildbot.example.com' },
    told: 'web-url is "buildbot.example.com"; set it to an address such as https://buildbot.example.com/',
  },
  {
    what: 'a mail server that is none',
    config: { pipelines: PIPELINE, 'mail-server': 'mail.example.com', 'mail-from': 'a@example.com' },
    told: 'mail-server is "mail.example.com"; set it to an address such as smtp://mail.example.com or smtps://mail.example.com:465',
  },
  {
    what: 'a sender that is none',
    config: { pipelines: PIPELINE, 'mail-server': 'smtp://mail', 'mail-from': 'A <a@example.com>' },
    told: 'mail-from is "A <a@example.com>"; set it to a mail address alone, such as lpbuildbot@example.com',
  },
  {
    what: 'a mail server without a sender',
    config: { pipelines: PIPELINE, 'mail-server': 'smtp://mail.example.com' },
    told: 'mail-server is set and mail-from is not; set both of them',
  },
  {
    what: 'no days at all',
    config: { pipelines: PIPELINE, 'log-retention': 0 },
    told: 'log-retention is 0; set it to a number of days from 1 to 36500',
  },
];
for (const { what, config, told } of refusals) {
  test(`${what}: a new unit is blocked, and says what to do`, async () => {
    const world = new World({ config, relations: [workers({ 'buildbot-worker/0': offer })] });
    const status = await world.status(event.install());
    // How the reader of pipelines words a mistake is its own matter.
    assert.equal(
      status.replace(/(found the unknown key "brunch"; write ).*/, '$1`branch`'),
      `blocked: ${told}`,
    );
    assert.equal(world.machine.state(MASTER).active, 'inactive');
  });

  test(`${what}: what ran keeps running, and all is well when it is mended`, async () => {
    const world = await running();
    const before = world.state.config;
    const status = await world.status(event.configChanged(), { config });
    assert.match(status, /^blocked: /);
    assert.equal(world.machine.state(MASTER).active, 'active');
    assert.equal(world.machine.state(PROMOTION).active, 'active');
    const touched = world.changes().filter((change) => /start|stop|configure|promotion/.test(change));
    assert.deepEqual(touched, []);
    assert.equal(
      await world.status(event.configChanged(), { config: before ?? {} }),
      'active: 1 of 1 worker',
    );
    assert.deepEqual(world.changes(), []);
  });
}

test('a pipeline that Buildbot refuses is not used, by nobody', async () => {
  const world = await running();
  world.machine.refuses = ({ pipeline }) =>
    JSON.stringify(pipeline).includes('other') ? 'builder other: no' : undefined;
  const status = await world.status(
    event.configChanged(),
    world.config({ pipelines: PIPELINE.replaceAll('demo-main', 'other') }),
  );
  assert.equal(status, 'blocked: Buildbot refuses the configuration: builder other: no');
  assert.doesNotMatch(world.machine.text(`${places.promotionPipelines}/001.yaml`), /other/);
  assert.doesNotMatch(JSON.stringify(world.machine.configuration), /other/);
  world.machine.refuses = () => undefined;
  assert.equal(await world.status(), 'active: 1 of 1 worker');
  assert.match(world.machine.text(`${places.promotionPipelines}/001.yaml`), /other/);
});

test('a new pipeline reconfigures Buildbot and restarts the promotion service, and nothing else', async () => {
  const world = await running();
  await world.run(event.configChanged(), world.config({ pipelines: `${PIPELINE}testfix: true\n` }));
  const changes = world.changes();
  assert.ok(changes.includes('reconfigure the running Buildbot'));
  assert.deepEqual(
    changes.filter((change) => /start /.test(change)),
    [`restart ${PROMOTION}`],
  );
});

const touches: readonly {
  readonly config: State['config'];
  readonly restarted: string[];
  readonly told: boolean;
}[] = [
  { config: { title: 'another' }, restarted: [], told: true },
  { config: { 'log-retention': 7 }, restarted: [], told: true },
  // Its messages link there.
  { config: { 'web-url': 'https://buildbot.example.com' }, restarted: [PROMOTION], told: true },
  { config: { 'worker-port': 9990 }, restarted: [], told: true },
  // It asks Buildbot there.
  { config: { 'web-port': 8080 }, restarted: [PROMOTION], told: true },
  { config: { promotion: 'shadow' }, restarted: [PROMOTION], told: false },
];
for (const { config, restarted, told } of touches) {
  test(`${JSON.stringify(config)} touches only what it is about`, async () => {
    const world = await running();
    await world.run(event.configChanged(), world.config({ pipelines: PIPELINE, ...config }));
    const changes = world.changes();
    assert.deepEqual(
      changes.filter((change) => /start /.test(change)),
      restarted.map((name) => `restart ${name}`),
    );
    assert.equal(changes.includes('reconfigure the running Buildbot'), told);
  });
}

test('ports follow the settings', async () => {
  const world = await running();
  await world.run(event.configChanged(), world.config({ 'worker-port': 9990, 'web-port': 8080 }));
  assert.deepEqual(
    world.state.openedPorts?.map(({ port }) => port),
    ['8080/tcp', '9990/tcp'],
  );
  assert.equal(world.relation('workers').unitData.port, '9990');
});

test('a port that another unit of the machine holds is told', async () => {
  const world = await running();
  const status = await world.status(event.configChanged(), {
    ...world.config({ 'web-port': 8080 }),
    portsOfOthers: { 'keep/0': ['8080/tcp'] },
  });
  assert.equal(status, 'blocked: port 8080 is open for another unit of this machine; set another one');
});

test('promotion off stops the service, also over reboots, and on starts it again', async () => {
  const world = await running();
  assert.equal(
    await world.status(event.configChanged(), world.config({ promotion: 'off' })),
    'active: 1 of 1 worker; promotion off',
  );
  world.machine.reboot();
  assert.equal(world.machine.state(PROMOTION).active, 'inactive');
  assert.equal(
    await world.status(event.configChanged(), world.config({ promotion: 'shadow' })),
    'active: 1 of 1 worker; shadow',
  );
  assert.equal(world.machine.state(PROMOTION).active, 'active');
  assert.match(world.machine.text(places.promotionConfig), /"mode": "shadow"/);
});

test('pipeline files come from the repository, and again when its branch has moved', async () => {
  const world = new World({
    config: { 'config-repository': REPOSITORY, 'config-branch': 'main' },
    relations: [workers({ 'buildbot-worker/0': offer })],
  });
  world.machine.connected = ['buildbot-worker-0'];
  const publish = (revision: string, text: string) =>
    world.machine.repositories.set(`${REPOSITORY}#main`, {
      revision,
      files: [{ file: 'pipelines/demo.yaml', text }],
    });
  publish('1', PIPELINE);
  assert.equal(await world.status(event.install()), 'active: 1 of 1 worker');
  publish('2', 'project: [');
  assert.match(await world.status(), /^blocked: pipelines\/demo\.yaml:1:/);
  publish('3', PIPELINE.replaceAll('demo-main', 'other'));
  assert.equal(await world.status(), 'active: 1 of 1 worker');
  assert.match(JSON.stringify(world.machine.configuration), /other/);
  world.machine.repositories.set(`${REPOSITORY}#main`, 'unreachable');
  assert.equal(await world.status(), 'blocked: config-repository cannot be read: Could not resolve host');
  assert.match(JSON.stringify(world.machine.configuration), /other/);
});

test('a repository without pipeline files is told', async () => {
  const world = new World({ config: { 'config-repository': REPOSITORY } });
  world.machine.repositories.set(`${REPOSITORY}#`, { revision: '1', files: [] });
  assert.equal(
    await world.status(event.install()),
    'blocked: config-repository has no file pipelines/*.yaml',
  );
});

test('several pipelines stand in one setting, and mistakes keep their lines', async () => {
  const world = await running();
  const second = PIPELINE.replaceAll('demo', 'second');
  await world.run(event.configChanged(), world.config({ pipelines: `${PIPELINE}---\n${second}` }));
  assert.equal(world.state.status?.status, 'active');
  const wrong = `${PIPELINE}---\n${second.replace('branch: main', 'brunch: main')}`;
  assert.match(
    await world.status(event.configChanged(), world.config({ pipelines: wrong })),
    new RegExp(`^blocked: pipelines:${PIPELINE.split('\n').length + 5}:`),
  );
});

test('the secret is read where only the service that needs it can read it', async () => {
  const world = await running();
  const content = {
    'ssh-key': '-----BEGIN OPENSSH PRIVATE KEY-----\r\nabc\r\n-----END OPENSSH PRIVATE KEY-----',
    'known-hosts': 'git.example.com ssh-ed25519 AAAA',
    'git-password': 'robot:hunter2',
    'web-users': 'ann:open sesame',
    'worker-far-away': 'hunter3 images=focal,jammy capacity=3 arch=arm64',
  };
  assert.equal(
    await world.status(event.configChanged(), withSecret(world, content)),
    'active: 1 of 2 workers',
  );
  const key = world.machine.files.get(secretFiles.sshKey);
  assert.equal(key?.content, '-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n');
  assert.deepEqual([key?.mode, key?.owner], [0o600, PROMOTION_USER]);
  const password = world.machine.files.get(secretFiles.httpsPassword);
  assert.deepEqual(
    [password?.content, password?.mode, password?.owner],
    ['hunter2\n', 0o600, PROMOTION_USER],
  );
  // Buildbot reads public repositories here, and gets no key.
  assert.ok(!world.machine.files.has(places.masterSshKey));
  const logins = world.machine.files.get(places.logins);
  assert.match(logins?.content ?? '', /^ann:hash .*\nadmin:hash .*\n$/);
  assert.deepEqual([logins?.mode, logins?.owner], [0o600, MASTER_USER]);
  assert.deepEqual(
    world.machine.configuration?.workers.find(({ name }) => name === 'far-away'),
    {
      name: 'far-away',
      password: 'hunter3',
      images: ['focal', 'jammy'],
      capacity: 3,
      arch: 'arm64',
    },
  );
  for (const [path, { content: text, owner = 'root' }] of world.machine.files) {
    if (owner === 'root' && path.startsWith('/etc')) assert.doesNotMatch(text, /hunter|OPENSSH/, path);
  }
  world.changes();
  await world.run(event.updateStatus());
  assert.deepEqual(world.changes(), []);
});

test('the secret of webhooks is Buildbot’s, counts at once, and touches nothing else', async () => {
  const world = await running();
  const at = () => world.machine.files.get(places.webhookSecret);
  assert.equal(at(), undefined);
  assert.equal(world.machine.configuration?.site.webhookSecretFile, places.webhookSecret);
  const first = 'the first secret of all';
  await world.run(event.configChanged(), withSecret(world, { 'webhook-secret': `${first}\r\n` }));
  assert.deepEqual([at()?.content, at()?.mode, at()?.owner], [`${first}\n`, 0o600, MASTER_USER]);
  await world.run(
    event.updateStatus(),
    withSecret(world, { 'webhook-secret': `${first}\nthe second secret` }),
  );
  assert.equal(at()?.content, `${first}\nthe second secret\n`);
  await world.run(event.updateStatus(), withSecret(world, { 'webhook-secret': 'x', 'git-password': 'a b' }));
  assert.equal(at()?.content, `${first}\nthe second secret\n`);
  await world.run(event.updateStatus(), withSecret(world, { 'web-users': 'ann:a' }));
  assert.equal(at(), undefined);
  const touched = world.changes().filter((change) => /start|stop|configure/.test(change));
  assert.deepEqual(touched, []);
  for (const [path, { content, owner = 'root' }] of world.machine.files) {
    if (owner !== MASTER_USER) assert.doesNotMatch(content, /the first secret/, path);
  }
});

test('a new revision of the secret counts in the next hook, and what is taken out is gone', async () => {
  const world = await running();
  await world.run(event.configChanged(), withSecret(world, { 'git-password': 'one', 'web-users': 'ann:a' }));
  await world.run(event.updateStatus(), withSecret(world, { 'known-hosts': 'a ssh-rsa AAAA' }));
  assert.ok(!world.machine.files.has(secretFiles.httpsPassword));
  assert.doesNotMatch(world.machine.text(places.logins), /ann/);
});

test('a secret that may not be read is told, and counts as soon as it is granted, without an event', async () => {
  const world = await running();
  const content = { 'worker-far-away': 'hunter2' };
  assert.equal(
    await world.status(event.configChanged(), withSecret(world, content, { access: 'denied' })),
    'blocked: may not read the secret; run juju grant-secret NAME buildbot-master',
  );
  assert.equal(
    await world.status(event.updateStatus(), withSecret(world, content)),
    'active: 1 of 2 workers',
  );
});

test('a secret that was revoked takes nothing away from what runs', async () => {
  const world = await running();
  const content = { 'worker-far-away': 'hunter2', 'git-password': 'one', 'web-users': 'ann:a' };
  await world.run(event.configChanged(), withSecret(world, content));
  world.changes();
  const status = await world.status(event.updateStatus(), withSecret(world, content, { access: 'denied' }));
  assert.match(status, /^blocked: may not read/);
  assert.deepEqual(world.changes(), []);
});

test('what a version of the charm without webhooks remembered is still known', async () => {
  const world = await running();
  const content = { 'worker-far-away': 'hunter2' };
  await world.run(event.configChanged(), withSecret(world, content));
  const remembered = world.machine.files.get(places.wantedFile);
  assert.ok(remembered);
  const older = remembered.content.replace(`"webhookSecretFile":"${places.webhookSecret}",`, '');
  assert.notEqual(older, remembered.content);
  world.machine.files.set(places.wantedFile, { ...remembered, content: older });
  await world.run(event.updateStatus(), withSecret(world, content, { access: 'denied' }));
  assert.ok(world.machine.configuration?.workers.some(({ name }) => name === 'far-away'));
  assert.equal(world.machine.text(places.wantedFile), remembered.content);
});

test('a secret that is not there is told', async () => {
  const world = await running();
  assert.equal(
    await world.status(event.configChanged(), world.config({ secrets: `secret:${id}` })),
    'blocked: there is no such secret as the setting secrets names; set it to another one',
  );
});

const wrongSecrets: Readonly<Record<string, readonly [string, string]>> = {
  'ssh-key': ['abc', 'the key ssh-key of the secret is not a private key in PEM or OpenSSH form'],
  'known-hosts': ['abc', 'the key known-hosts of the secret is not lines as ssh-keyscan prints them'],
  'git-password': ['two words', 'the key git-password of the secret is not one word, or NAME:PASSWORD'],
  'github-token': ['two words', 'the key github-token of the secret is not one word'],
  'mattermost-webhook': ['abc', 'the key mattermost-webhook of the secret is not an address'],
  'webhook-secret': [
    'long enough to be one\ntoo short',
    'the key webhook-secret of the secret is not lines of 16 characters or more',
  ],
  'mail-user': ['robot', 'the secret has a key mail-user and no mail-password; they belong together'],
  'mail-password': ['hunter2', 'the secret has a key mail-password and no mail-user; they belong together'],
  'web-users': ['admin:x', 'the key web-users of the secret is not lines NAME:PASSWORD, and none for admin'],
  'worker-a': [
    'x speed=9',
    'the key worker-a of the secret is not PASSWORD images=NAME,… capacity=NUMBER arch=NAME',
  ],
  sshkey: [
    'abc',
    'the secret has a key sshkey; the keys are ssh-key, known-hosts, git-password, github-token, mattermost-webhook, webhook-secret, mail-user, mail-password, web-users, worker-NAME',
  ],
};
for (const [key, [value, told]] of Object.entries(wrongSecrets)) {
  test(`a wrong ${key} in the secret is told without its value`, async () => {
    const world = await running();
    assert.equal(
      await world.status(event.configChanged(), withSecret(world, { [key]: value })),
      `blocked: ${told}`,
    );
  });
}

test('an address over ssh needs a key and the server’s keys', async () => {
  const world = await running();
  const pipelines = PIPELINE.replace('push: https://', 'push: git+ssh://robot@');
  const key = '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----';
  assert.equal(
    await world.status(event.configChanged(), world.config({ pipelines })),
    'blocked: git+ssh://robot@git.example.com/demo needs a key: add ssh-key to the secret (setting secrets)',
  );
  assert.equal(
    await world.status(event.configChanged(), {
      ...withSecret(world, { 'ssh-key': key }),
      config: { pipelines, secrets: `secret:${id}` },
    }),
    "blocked: git+ssh://robot@git.example.com/demo needs the server's keys: add known-hosts to the secret (see ssh-keyscan)",
  );
});

test('news that pipelines ask for need a place to go, and everything else runs without it', async () => {
  const world = await running();
  const notify = 'notify: { mattermost: { channel: builds }, mail: { to: [a@example.com] } }\n';
  const pipelines = `${PIPELINE}${notify}`;
  assert.equal(
    await world.status(event.configChanged(), world.config({ pipelines })),
    'blocked: demo wants its news in Mattermost: add mattermost-webhook to the secret (setting secrets)',
  );
  assert.equal(world.machine.state(MASTER).active, 'active');
  assert.match(world.machine.text(`${places.promotionPipelines}/001.yaml`), /notify/);
  assert.equal(
    await world.status(event.configChanged(), world.config({ promotion: 'shadow' })),
    'active: 1 of 1 worker; shadow',
    'where others move the branches nobody is told',
  );

  const webhook = 'https://chat.example.com/hooks/abc';
  const content = { 'mattermost-webhook': webhook, 'mail-user': 'robot', 'mail-password': 'open sesame' };
  const { secrets = [] } = withSecret(world, content);
  const config = { pipelines, secrets: `secret:${id}` };
  assert.equal(
    await world.status(event.configChanged(), { config, secrets }),
    'blocked: demo wants mail of conflicts: set mail-server and mail-from',
  );
  const mail = { 'mail-server': 'smtp://mail.example.com', 'mail-from': 'lpbuildbot@example.com' };
  assert.equal(
    await world.status(event.configChanged(), { config: { ...config, ...mail }, secrets }),
    'active: 1 of 1 worker',
  );
  const file = world.machine.files.get(secretFiles.mattermostWebhook);
  assert.deepEqual([file?.content, file?.mode, file?.owner], [`${webhook}\n`, 0o600, PROMOTION_USER]);
  assert.equal(world.machine.text(secretFiles.mailPassword), 'open sesame\n');
  assert.doesNotMatch(world.machine.text(places.promotionConfig), /hooks|sesame/);
  await world.run(event.updateStatus(), { config: { ...config, ...mail }, secrets });
  await world.run(event.configChanged(), { config: { pipelines: PIPELINE }, secrets });
  assert.ok(!world.machine.files.has(secretFiles.mattermostWebhook), 'what is taken out is gone');
});

test('in shadow mode nothing is pushed, so no key is wanted for it', async () => {
  const world = await running();
  const pipelines = PIPELINE.replace('push: https://', 'push: git+ssh://robot@');
  assert.equal(
    await world.status(event.configChanged(), world.config({ pipelines, promotion: 'shadow' })),
    'active: 1 of 1 worker; shadow',
  );
});

test('who reads a repository over ssh has a key of its own user for it', async () => {
  const world = await running();
  const pipelines = PIPELINE.replaceAll('https://git', 'ssh://robot@git');
  const content = {
    'ssh-key': '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----',
    'known-hosts': 'git.example.com ssh-ed25519 AAAA',
  };
  assert.equal(
    await world.status(event.configChanged(), {
      ...withSecret(world, content),
      config: { pipelines, secrets: `secret:${id}` },
    }),
    'active: 1 of 1 worker',
  );
  assert.equal(world.machine.files.get(places.masterSshKey)?.owner, MASTER_USER);
});

/** What people hear of promotion in Mattermost and by mail: the whole service, real git, a Mattermost that keeps its posts. */
import assert from 'node:assert/strict';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { FakeMattermost, outsideOfCode } from '../../../test/support/fake-mattermost.ts';
import { MailServer } from '../../../test/support/mail-server.ts';
import { PromotionStage, type StageOptions } from '../../../test/support/promotion-stage.ts';
import { filesWithSecrets } from '../../../test/support/secret-watch.ts';
import { waitUntil } from '../../../test/support/wait.ts';

const stateSchema = z.object({ news: z.array(z.object({ waiting: z.number() })) });

const PASSWORD = 'correct horse battery staple';

/** A stage whose people are told. */
class NewsStage implements AsyncDisposable {
  readonly stage: PromotionStage;
  readonly mattermost: FakeMattermost;
  readonly mail: MailServer;

  private constructor(stage: PromotionStage, mattermost: FakeMattermost, mail: MailServer) {
    this.stage = stage;
    this.mattermost = mattermost;
    this.mail = mail;
  }

  static async create(options: StageOptions = {}, mattermost: object = {}): Promise<NewsStage> {
    const chat = await FakeMattermost.start('builds');
    const mail = await MailServer.start({ login: { user: 'robot', password: PASSWORD } });
    const stage = await PromotionStage.create({
      pipeline: {
        testfix: true,
        notify: {
          mattermost: { channel: 'builds', stuck: '30m', ...mattermost },
          mail: { to: ['ada@example.org'] },
        },
      },
      settings: {
        mattermost: { 'webhook-file': 'webhook', user: 'lpbuildbot', pause: '0ms', timeout: '1s' },
        mail: {
          server: `smtp://127.0.0.1:${mail.port}`,
          from: 'lpbuildbot@example.org',
          user: 'robot',
          'password-file': 'mail-password',
          pause: '0ms',
        },
      },
      ...options,
    });
    await writeFile(stage.world.path('webhook'), `${chat.webhook}\n`, { mode: 0o600 });
    await writeFile(stage.world.path('mail-password'), `${PASSWORD}\n`, { mode: 0o600 });
    return new NewsStage(stage, chat, mail);
  }

  /** What was posted, without links, and each with its first words only. */
  get said(): string[] {
    return this.mattermost.texts('builds').map((text) =>
      text
        .replaceAll(/\]\([^)]*\)/g, '')
        .replaceAll(/[`[]/g, '')
        .replaceAll(/\b[0-9a-f]{7}\b/g, 'ID'),
    );
  }

  /** Waits until so many messages are there, and gives them. */
  async hears(count: number): Promise<string[]> {
    await waitUntil(`${count} messages`, () => this.said.length >= count, {
      seen: () => `${this.said.join('\n')}\n${this.stage.log.slice(-3000)}`,
    });
    return this.said;
  }

  /** Waits until nothing waits to be sent. A kill before that may have the last message sent once more. */
  async isSent(): Promise<void> {
    await waitUntil('everything to be sent', async () => {
      const { news } = stateSchema.parse(JSON.parse(await this.stage.get('api/state')));
      return news.every(({ waiting }) => waiting === 0);
    });
  }

  /** Two looks at everything have begun and ended since. */
  async lookedTwice(): Promise<void> {
    for (const _ of [1, 2]) {
      const before = await this.stage.pair('master', 'stable');
      await this.stage.says(
        'master',
        'stable',
        'looked at again',
        ({ lookedAt }) => lookedAt !== before.lookedAt,
      );
    }
  }

  /** Gives what branch pairs are in conflict, and then agree again. */
  async conflict(): Promise<void> {
    const { remote } = this.stage;
    await remote.commit('db-devel', { message: 'One way', files: { 'shared.txt': 'one way\n' } });
    const files = { 'shared.txt': 'another way\n' };
    const other = await this.stage.commit('master', { message: 'Another way', files }, 'success');
    await this.stage.arrives('stable', other);
    await this.stage.tells('the conflict', ({ event }) => event === 'conflict');
  }

  async mend(): Promise<void> {
    const files = { 'shared.txt': 'another way\n' };
    await this.stage.remote.commit('db-devel', { message: 'Agree', files });
    await this.stage.tells('the merge', ({ event, reason }) => event === 'merged' && reason !== undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stage[Symbol.asyncDispose]();
    await this.mattermost[Symbol.asyncDispose]();
    await this.mail[Symbol.asyncDispose]();
  }
}

describe('people', () => {
  test('hear of a red build once, of testfix mode, of moves, and of a conflict and its end', async () => {
    await using news = await NewsStage.create();
    const { stage, mattermost } = news;
    await stage.startListening();
    await stage.commit('master', 'Break it', 'failure');
    assert.deepEqual(await news.hears(2), [
      ':x: demo: devel-tests #1 on master failed: ID Break it by Ada Example',
      ':lock: demo: master is in testfix mode since devel-tests #1 failed: until it is mended, only a commit with testfix] in its message is built.',
    ]);
    await stage.commit('master', 'Break it more', 'failure');
    await news.lookedTwice();
    assert.equal(news.said.length, 2, 'quiet under repetition');

    const mended = await stage.commit('master', 'Mend it [testfix]', 'success');
    await stage.arrives('stable', mended);
    assert.deepEqual((await news.hears(6)).slice(2), [
      ':white_check_mark: demo: devel-tests #3 on master passes again: ID Mend it testfix] by Ada Example',
      ':unlock: demo: master is out of testfix mode.',
      ':fast_forward: demo: stable moved to ID Mend it testfix] by Ada Example (newest green revision: devel-tests #3)',
      ':twisted_rightwards_arrows: demo: stable was merged into db-devel as ID (stable moved)',
    ]);
    const [post] = mattermost.posts;
    assert.equal(post?.username, 'lpbuildbot');
    assert.match(post?.text ?? '', new RegExp(`\\(${stage.buildbot.url}#/builders/1/builds/1\\)`));

    await news.conflict();
    assert.deepEqual((await news.hears(8)).slice(6), [
      ':fast_forward: demo: stable moved to ID Another way by Ada Example (newest green revision: devel-tests #4)',
      ':warning: demo: stable cannot be merged into db-devel: conflict in shared.txt. stable is at ID, db-devel at ID. Somebody has to merge them.',
    ]);
    await waitUntil('the mail', () => news.mail.mails.length === 1);
    await news.isSent();
    await stage.daemon.kill9('all');
    await stage.startListening();
    await news.lookedTwice();
    assert.equal(news.said.length, 8, 'a restart is no news');

    await news.mend();
    assert.deepEqual((await news.hears(10)).slice(8), [
      ':white_check_mark: demo: stable and db-devel have no conflict any more.',
      ':twisted_rightwards_arrows: demo: stable was merged into db-devel as ID (stable moved)',
    ]);
    await waitUntil('the other mail', () => news.mail.mails.length === 2);
    const [conflict, end] = news.mail.mails;
    assert.deepEqual(conflict?.to, ['ada@example.org']);
    assert.equal(conflict?.headers.get('subject'), '[demo] Conflict: stable into db-devel');
    assert.match(conflict?.body ?? '', /\n {4}shared\.txt\n/);
    assert.equal(end?.headers.get('in-reply-to'), conflict?.headers.get('message-id'));
    assert.equal(end?.headers.get('auto-submitted'), 'auto-generated');
  });

  test('hear of everything, in order and once, after a server that was away for an hour, through kills', async () => {
    let offset = 0;
    await using news = await NewsStage.create({ clock: () => (Date.now() + offset) / 1000 });
    const { stage, mattermost } = news;
    const clock = stage.world.path('clock-offset');
    const setClock = async (minutes: number): Promise<void> => {
      offset = minutes * 60_000;
      await writeFile(clock, String(offset));
    };
    await setClock(0);
    const preload = new URL('../../../test/support/shifted-clock.ts', import.meta.url).href;
    const env = { NODE_OPTIONS: `--import=${preload}`, SHIFTED_CLOCK_FILE: clock };
    await stage.startListening({ env });
    await news.lookedTwice();
    await mattermost.down();

    const revisions: string[] = [];
    const step = async (minutes: number, message: string) => {
      await setClock(minutes);
      await stage.commit('master', `${message}, broken`, 'failure');
      const revision = await stage.commit('master', `${message}, mended`, 'success');
      await stage.arrives('stable', revision);
      await stage.tells('the merge', ({ event, merged }) => event === 'merged' && merged === revision);
      revisions.push(revision);
    };
    await step(1, 'One');
    await step(15, 'Two');
    await waitUntil('somebody to notice', () => /cannot be reached: connect ECONNREFUSED/.test(stage.log));
    await stage.daemon.kill9('all');
    // While nobody looks.
    await setClock(16);
    await stage.commit('master', 'Nobody looks', 'failure');
    await stage.startListening({ env });
    await waitUntil('it to be queued', async () =>
      /Mattermost \(\d+\)/.test(await stage.get('api/status.txt')),
    );
    // Red for longer than 30 minutes.
    await news.lookedTwice();
    await setClock(50);
    await news.lookedTwice();
    await step(60, 'Three');
    await stage.daemon.kill9('all');
    await stage.startListening({ env });
    await news.lookedTwice();
    assert.equal(mattermost.posts.length, 0);
    await waitUntil('the status to say so', async () =>
      /\nNews wait for Mattermost \(\d+\) since .*ECONNREFUSED/.test(await stage.get('api/status.txt')),
    );

    await mattermost.up();
    const round = (
      number: number,
      message: string,
      merged = 'stable was merged into db-devel as ID (stable moved)',
    ) => [
      `:x: demo: devel-tests #${number} on master failed: ID ${message}, broken by Ada Example`,
      `:lock: demo: master is in testfix mode since devel-tests #${number} failed: until it is mended, only a commit with testfix] in its message is built.`,
      `:white_check_mark: demo: devel-tests #${number + 1} on master passes again: ID ${message}, mended by Ada Example`,
      ':unlock: demo: master is out of testfix mode.',
      `:fast_forward: demo: stable moved to ID ${message}, mended by Ada Example (newest green revision: devel-tests #${number + 1})`,
      `:twisted_rightwards_arrows: demo: ${merged}`,
    ];
    const expected = [
      ...round(1, 'One'),
      ...round(3, 'Two'),
      ':x: demo: devel-tests #5 on master failed: ID Nobody looks by Ada Example',
      ':lock: demo: master is in testfix mode since devel-tests #5 failed: until it is mended, only a commit with testfix] in its message is built.',
      /^:hourglass: demo: master → stable has not moved for \d+ min: waiting: 1 commit behind; devel-tests #5 red since/,
      // Nothing builds what the merges have brought there.
      /^:hourglass: demo: db-devel → db-stable has not moved for \d+ min: waiting: 6 commits behind; db-devel-tests has not/,
      ...round(6, 'Three').slice(2),
      /^:white_check_mark: demo: master → stable goes on; it had waited for \d+ min\.$/,
    ];
    await news.hears(expected.length);
    await news.lookedTwice();
    const said = news.said;
    // Of what was found out at the same moment, one may be before the other.
    const isOfTime = (text: string) => /hourglass|goes on/.test(text);
    assert.deepEqual(
      said.filter((text) => !isOfTime(text)),
      expected.filter((text) => typeof text === 'string'),
    );
    const ofTime = said.filter(isOfTime);
    const patterns = expected.filter((text) => typeof text !== 'string');
    assert.equal(ofTime.length, patterns.length, ofTime.join('\n'));
    for (const [index, pattern] of patterns.entries()) assert.match(ofTime[index] ?? '', pattern);
    assert.match(stage.log, /news are sent again/);
  });

  test('are told nothing about a branch later because a server hangs, and the service ends when it is told to', async () => {
    await using news = await NewsStage.create();
    const { stage, mattermost } = news;
    mattermost.setFault('hanging');
    news.mail.setFault('hanging');
    await stage.startListening();
    await news.conflict();
    await waitUntil('a request that hangs', () => mattermost.requests > 0 && news.mail.connections > 0);
    for (const message of ['One', 'Two', 'Three']) {
      const begun = performance.now();
      await stage.promotes(await stage.commit('master', message, 'success'));
      // Far below what the requests that hang may take: nobody waits for them.
      assert.ok(performance.now() - begun < 20_000);
    }
    const latencies = (await stage.audit()).flatMap(({ latencyMs }) =>
      typeof latencyMs === 'number' ? latencyMs : [],
    );
    assert.ok(Math.min(...latencies) < 900, latencies.join());
    const { code } = await stage.daemon.stop('SIGTERM', 20_000);
    assert.equal(code, 0);
  });

  test('hear what a server takes that limits, fails and comes back, in order', async () => {
    await using news = await NewsStage.create({}, { builds: 'all' });
    const { stage, mattermost } = news;
    await stage.startListening();
    const texts = ['One', 'Two', 'Three', 'Four', 'Five'];
    const faults = [{ limitedFor: 1 }, 'failing', 'bad gateway', 'hanging', 'a page'] as const;
    for (const [index, message] of texts.entries()) {
      mattermost.setFault(faults[index] ?? 'none');
      await stage.commit('master', message, 'failure');
      const { requests } = mattermost;
      await waitUntil('an attempt', () => mattermost.requests > requests);
    }
    mattermost.setFault('none');
    const failed = (await news.hears(6)).filter((text) => text.startsWith(':x:'));
    assert.deepEqual(
      failed.map((text) => /ID (\w+) by/.exec(text)?.[1]),
      texts,
    );
    // Somebody deletes the webhook by mistake, and makes another one.
    mattermost.replaceWebhook();
    await stage.commit('master', 'Six', 'failure');
    await waitUntil('it to be told', async () =>
      /does not know the webhook/.test(await stage.get('api/status.txt')),
    );
    await writeFile(stage.world.path('webhook'), mattermost.webhook);
    assert.match((await news.hears(7)).at(-1) ?? '', /Six/);
    await news.isSent();
    const metrics = await stage.get('metrics');
    assert.match(metrics, /^lpbuildbot_news_sent_total\{way="mattermost"\} 7$/m);
    assert.match(metrics, /^lpbuildbot_news_waiting\{way="mattermost"\} 0$/m);
    for (const kind of ['limited', 'failing', 'unreachable', 'declined'])
      assert.match(
        metrics,
        new RegExp(`^lpbuildbot_news_failures_total\\{way="mattermost",kind="${kind}"\\} [1-9]`, 'm'),
      );
  });

  test('see what others have written as it was meant by nobody to be: as text', async () => {
    await using news = await NewsStage.create();
    const { stage, mattermost } = news;
    await stage.startListening();
    const subject =
      '@channel <!channel> [go](https://evil.example) `x` \u202Egnp.exe **now** <https://evil.example|here>';
    const name = 'Eve @all `*_~ :tada: #1';
    const tree = await stage.remote.git(['rev-parse', 'master^{tree}']);
    const id = await stage.world.git(
      stage.remote.path,
      ['commit-tree', tree, '-p', 'master', '-m', `${subject}\n\nMore @here`],
      { env: { GIT_AUTHOR_NAME: name } },
    );
    await stage.remote.setBranch('master', id);
    stage.built('master', id, 'failure');
    await news.hears(1);
    const [text = ''] = mattermost.texts('builds');
    assert.match(text, /@channel/);
    assert.match(text, /Eve @all/);
    const ours = outsideOfCode(text);
    assert.doesNotMatch(ours, /@|evil|\*|tada|#1/);
    assert.doesNotMatch(text, /[\u202E\n]|<|@here/);
  });

  test('hear of conflicts while Buildbot is away, and of the builds that it had when it is back', async () => {
    await using news = await NewsStage.create();
    const { stage } = news;
    await stage.startListening();
    await news.lookedTwice();
    await stage.daemon.kill9('all');
    await stage.remote.commit('db-devel', { message: 'One way', files: { 'shared.txt': 'one way\n' } });
    await stage.remote.commit('stable', { message: 'Another', files: { 'shared.txt': 'another way\n' } });
    await stage.commit('master', 'Broken while nobody looks', 'failure');
    stage.buildbot.setRestFault('bad gateway');
    await stage.start();
    const said = await news.hears(2);
    assert.ok(
      said.some((text) => text.includes('cannot be merged')),
      said.join('\n'),
    );
    assert.ok(
      said.some((text) => text.includes('is not on')),
      said.join('\n'),
    );
    stage.buildbot.setRestFault('none');
    assert.match(
      (await news.hears(4)).slice(2).join('\n'),
      /^:x: .* Broken while nobody looks by .*\n:lock:/,
    );
  });

  test('hear nothing in shadow mode, where others move the branches', async () => {
    await using news = await NewsStage.create({ mode: 'shadow' });
    const { stage } = news;
    await stage.startListening();
    await stage.commit('master', 'One', 'failure');
    await stage.commit('master', 'Two', 'success');
    await stage.tells('what would be', ({ event }) => event === 'would-move');
    await news.lookedTwice();
    assert.equal(news.mattermost.requests, 0);
    assert.equal(news.mail.connections, 0);
  });

  test('hear of what a run without the service did, too', async () => {
    await using news = await NewsStage.create();
    const { stage } = news;
    assert.equal((await stage.command('run', '--once')).code, 0);
    await stage.commit('master', 'One', 'success');
    assert.equal((await stage.command('run', '--once')).code, 0);
    assert.match(news.said.join('\n'), /:fast_forward: demo: stable moved/);
    assert.equal((await stage.command('hold', 'stable', '--why', 'freeze', '--who', 'grace')).code, 0);
    assert.equal((await stage.command('run', '--once')).code, 0);
    assert.match(news.said.join('\n'), /:raised_hand: demo: master → stable is held by grace: freeze/);
  });
});

test('a disk that takes nothing keeps nobody from hearing, and ends nothing', async () => {
  await using news = await NewsStage.create();
  const { stage } = news;
  await stage.startListening();
  await news.lookedTwice();
  const outbox = join(stage.state, 'outbox');
  await rm(outbox, { recursive: true, force: true });
  // What is written there is always too much.
  await symlink('/dev/full', outbox);
  await rm(join(stage.state, 'news.json'), { force: true });
  await symlink('/dev/full/news', join(stage.state, `news.json.${stage.daemon.pid}.new`));
  await stage.commit('master', 'One', 'failure');
  await news.hears(2);
  await waitUntil('the log to complain', () => /news cannot be written to the disk/.test(stage.log));
  await rm(outbox);
  await rm(join(stage.state, `news.json.${stage.daemon.pid}.new`), { force: true });
  const mended = await stage.commit('master', 'Two', 'success');
  await stage.arrives('stable', mended);
  await news.hears(6);
  assert.equal(stage.daemon.running, true);
  await news.isSent();
  await stage.daemon.kill9('all');
  await stage.startListening();
  await news.lookedTwice();
  assert.equal(news.said.length, 6, 'what could be written again is remembered');
});

test('a pipeline that asks for news goes on without a server for them, and says so once', async () => {
  await using news = await NewsStage.create({ settings: {} });
  const { stage } = news;
  await stage.startListening();
  await stage.arrives('stable', await stage.commit('master', 'One', 'success'));
  assert.equal([...stage.log.matchAll(/news that the configuration has no server for/g)].length, 2);
});

test('the webhook and the password show nowhere', async () => {
  await using news = await NewsStage.create();
  const { stage, mattermost } = news;
  const secrets = [mattermost.webhook, new URL(mattermost.webhook).pathname.split('/')[2] ?? '', PASSWORD];
  await stage.startListening();
  for (const fault of ['failing', 'hanging', 'moved', 'none'] as const) {
    mattermost.setFault(fault);
    await stage.commit('master', fault, fault === 'none' ? 'success' : 'failure');
    const { requests } = mattermost;
    await waitUntil('an attempt', () => mattermost.requests > requests);
  }
  const wrong = mattermost.webhook;
  mattermost.replaceWebhook();
  await news.conflict();
  await waitUntil('the mail', () => news.mail.mails.length === 1);
  await waitUntil('it to be told', async () => /does not know/.test(await stage.get('api/status.txt')));
  const pages = ['healthz', 'api/state', 'api/status.txt', 'metrics', ''];
  const said = [stage.log, ...(await Promise.all(pages.map((page) => stage.get(page))))].join('\n');
  for (const secret of [...secrets, wrong]) {
    const place = said.indexOf(secret);
    assert.equal(place, -1, said.slice(Math.max(0, place - 300), place + 300));
  }
  assert.deepEqual(await filesWithSecrets(stage.state, secrets, []), []);
});

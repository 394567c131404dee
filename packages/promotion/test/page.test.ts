/** The page in a browser, as the people see it who ask whether a stable branch is fresh. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import {
  accessibilityMistakes,
  findChromium,
  noChromium,
  openChromium,
  overflow,
} from '../../../test/support/chromium.ts';
import { PromotionStage } from '../../../test/support/promotion-stage.ts';
import { waitUntil } from '../../../test/support/wait.ts';

const executable = await findChromium();
const skip = executable === undefined ? noChromium : false;

/** A stage with a browser in front of it, which remembers everything that a page should not do. */
class Theatre implements AsyncDisposable {
  readonly stage: PromotionStage;
  readonly #browser: Browser;
  readonly mistakes: string[] = [];

  private constructor(stage: PromotionStage, browser: Browser) {
    this.stage = stage;
    this.#browser = browser;
  }

  static async open(): Promise<Theatre> {
    const stage = await PromotionStage.create();
    return new Theatre(stage, await openChromium(executable ?? '', stage.world.path('home')));
  }

  get url(): string {
    return `http://127.0.0.1:${this.stage.port}/`;
  }

  async visit(options: BrowserContextOptions & { readonly path?: string } = {}): Promise<Page> {
    const { path = '', ...context } = options;
    const page = await this.#browser.newPage(context);
    page.on('pageerror', (error) => this.mistakes.push(error.message));
    page.on('console', (message) => {
      // That the service is away is part of a story.
      const expected =
        /ERR_(CONNECTION_\w+|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)|WebSocket connection|status of (4\d\d|503)/.test(
          message.text(),
        );
      if (message.type() === 'error' && !expected) this.mistakes.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(this.url)) this.mistakes.push(`asked elsewhere: ${request.url()}`);
    });
    page.on('dialog', (dialog) => {
      this.mistakes.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(`${this.url}${path}`);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.stage[Symbol.asyncDispose]();
  }
}

const text = async (place: Locator) => (await place.textContent()) ?? '';
const live = (page: Page) => page.locator('#live[data-state=live]').waitFor();
const card = (page: Page, from: string, to: string) =>
  page.getByRole('article', { name: `${from} to ${to}` });

/** A hold, a branch that waits for a red builder, and two that conflict. */
async function trouble(stage: PromotionStage): Promise<void> {
  const first = await stage.commit(
    'master',
    { message: 'Change what is shared', files: { 'shared.txt': 'm\n' } },
    'success',
  );
  await stage.remote.commit('db-devel', { message: 'Change it too', files: { 'shared.txt': 'd\n' } });
  await stage.arrives('stable', first);
  await stage.says('stable', 'db-devel', 'in conflict', ({ verdict }) => verdict?.kind === 'conflict');
  await stage.command('hold', 'db-stable', '--why', 'schema deployment tonight', '--who', 'grace');
  await stage.commit('master', 'Break it', 'failure');
  await stage.says('master', 'stable', 'red', ({ verdict }) => verdict?.kind === 'waiting');
}

test('one look says whether each stable branch is fresh, and if not, why', { skip }, async () => {
  await using theatre = await Theatre.open();
  const { stage } = theatre;
  await stage.startListening();
  await stage.says('master', 'stable', 'looked at', ({ verdict }) => verdict !== undefined);
  await stage.says('db-devel', 'db-stable', 'looked at', ({ verdict }) => verdict !== undefined);

  // As people do who keep scripts out.
  const quiet = await theatre.visit({ javaScriptEnabled: false });
  await quiet.getByRole('heading', { level: 1, name: 'Every stable branch is fresh' }).waitFor();

  await trouble(stage);
  await quiet.reload();
  await quiet
    .getByRole('heading', { level: 1, name: /^Neither stable branch is fresh; 1 merge needs somebody$/ })
    .waitFor();
  const red = card(quiet, 'master', 'stable');
  for (const words of [
    /stable is 1 commit behind master, and none of them is green/,
    /1 commit waits/,
    /Break it/,
    /Change what is shared/,
    /Ada Example/,
    /2026-01-01 00:\d\d UTC · \d+ d ago/,
    /What would unblock it/,
  ]) {
    assert.match(await text(red), words);
  }
  const build = red.getByRole('link', { name: 'devel-tests #2' });
  assert.equal(await build.getAttribute('href'), `${stage.buildbot.url}#/builders/1/builds/2`);
  assert.match(await text(red.locator('.builders')), /devel-tests #2 failed/);

  const conflict = await text(card(quiet, 'stable', 'db-devel'));
  assert.match(conflict, /In conflict: 1 file\s*shared\.txt/);
  assert.match(await text(card(quiet, 'db-devel', 'db-stable')), /Held by grace.*schema deployment tonight/s);
  // The same on the drawing, for those who hear it.
  await quiet.getByRole('link', { name: /^stable to db-devel: conflict.* \(needs somebody\)$/ }).waitFor();
  await quiet.locator('.events').getByText('stable moved to').waitFor();
  assert.deepEqual(theatre.mistakes, []);
});

test('it suits every reader: wide, narrow, dark, light, by keyboard and by ear', { skip }, async () => {
  await using theatre = await Theatre.open();
  const { stage } = theatre;
  await stage.startListening();
  await trouble(stage);
  for (const width of [375, 1280]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      // Not while something fades.
      const page = await theatre.visit({
        viewport: { width, height: 800 },
        colorScheme,
        reducedMotion: 'reduce',
      });
      await live(page);
      const where = `at ${width} px, ${colorScheme}`;
      assert.deepEqual(await accessibilityMistakes(page), [], where);
      assert.ok((await overflow(page)) <= 0, `nothing is cut off ${where}`);
      assert.ok((await page.screenshot({ fullPage: true })).length > 10_000, where);
      await card(page, 'master', 'stable').getByRole('link', { name: /^Hold/ }).click();
      await page.getByLabel('Reason').waitFor();
      assert.deepEqual(await accessibilityMistakes(page), [], `the form ${where}`);
      assert.ok((await overflow(page)) <= 0, `nothing of the form is cut off ${where}`);
      await page.close();
    }
  }
  const page = await theatre.visit();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.match(page.url(), /#pairs$/);
  await page.keyboard.press('Tab');
  assert.equal(await page.locator('#pairs').locator(':focus').count(), 1);
  assert.deepEqual(theatre.mistakes, []);
});

test('what moves is seen to move, and what the reader was doing stays', { skip }, async () => {
  await using theatre = await Theatre.open();
  const { stage } = theatre;
  await stage.startListening();
  const first = await stage.commit('master', 'One', 'success');
  await stage.arrives('stable', first);
  const page = await theatre.visit();
  await live(page);
  const pair = card(page, 'master', 'stable');
  await pair.getByText('Last moves').click();
  await pair.getByRole('link', { name: /^Hold/ }).focus();
  await page.evaluate('window.sameDocument = true');

  const second = await stage.remote.commit('master', 'Two');
  const running = stage.buildbot.startBuild({ builder: 'devel-tests', branch: 'master', revision: second });
  await pair.getByRole('link', { name: 'devel-tests #2' }).waitFor();
  // What was merged into db-devel is not built in this story.
  await page.getByRole('heading', { level: 1, name: 'Neither stable branch is fresh' }).waitFor();
  assert.match(await page.title(), /^Neither stable branch is fresh/);
  stage.buildbot.finishBuild(running, 'success');
  await page.getByRole('heading', { level: 1, name: 'db-stable is not fresh' }).waitFor();
  await page
    .locator('.events')
    .getByText(`stable moved to ${second.slice(0, 7)}`)
    .waitFor();
  await pair.locator('.tip', { hasText: 'stable' }).getByText('Two').waitFor();

  assert.equal(await pair.locator('details').getAttribute('open'), '', 'what was opened is open');
  assert.match(await text(page.locator(':focus')), /^Hold/, 'the focus is where it was');
  assert.equal(await page.evaluate('window.sameDocument'), true, 'the page was not loaded anew');
  assert.deepEqual(theatre.mistakes, []);
});

test('a page outlives the service, says so meanwhile, and goes on with what is new', { skip }, async () => {
  await using theatre = await Theatre.open();
  const { stage } = theatre;
  await stage.startListening();
  const page = await theatre.visit();
  await live(page);
  await stage.daemon.stop();
  await page.getByText('Connecting again').waitFor({ state: 'attached' });
  const revision = await stage.commit('master', 'Meanwhile', 'success');
  await stage.startListening();
  await stage.arrives('stable', revision);
  await live(page);
  await page
    .locator('.events')
    .getByText(`stable moved to ${revision.slice(0, 7)}`)
    .waitFor();
  assert.deepEqual(theatre.mistakes, []);
});

const evil = '<img src=x onerror=alert(1)>"\'&lt;';

test('markup in messages, authors, reasons and branch names is shown as it is written', {
  skip,
}, async () => {
  await using theatre = await Theatre.open();
  const { stage } = theatre;
  const { remote } = stage;
  const branch = `x/<b>"'&`;
  const tree = await remote.git(['rev-parse', 'master^{tree}']);
  const env = {
    GIT_AUTHOR_NAME: `<script>alert(2)</script>${evil}`.replace(/[<>]/g, (c) => (c === '<' ? '‹' : '›')),
  };
  // git takes no angle brackets in a name by itself; the object can have them all the same.
  const raw = (
    await remote.git([
      'cat-file',
      'commit',
      await remote.git(['commit-tree', tree, '-p', 'master', '-m', evil], { env }),
    ])
  )
    .replace('‹', '&#60;')
    .concat('\n');
  const made = await remote.git(['hash-object', '-t', 'commit', '-w', '--stdin'], { input: raw });
  await remote.setBranch('master', made);
  await remote.setBranch(branch, 'stable');
  await writeFile(
    stage.world.path('pipelines', 'evil.yaml'),
    JSON.stringify({
      project: 'evil',
      repository: remote.path,
      builders: { 'evil-tests': { branch, host: true, steps: ['true'] } },
      promotions: [{ from: branch, to: 'plain' }],
    }),
  );
  await stage.startListening();
  await stage.command('hold', 'plain', '--who', evil, '--why', evil);
  stage.buildbot.build({ builder: 'evil-tests', branch, revision: await remote.need(branch) }, 'success');
  const page = await theatre.visit();
  await live(page);
  await page.getByText(evil).first().waitFor();
  await page.getByText(`${evil} holds it`).first().waitFor();
  await card(page, branch, 'plain').waitFor();
  await page.getByText(`held by ${evil}: ${evil}`).waitFor();
  assert.match(await text(page.locator('body')), /alert\(2\)/);
  assert.equal(await page.locator('img').count(), 0);
  assert.equal(await page.locator('main b b, main script, main bdi *').count(), 0);
  await card(page, branch, 'plain')
    .getByRole('link', { name: /Resume/ })
    .click();
  await page.getByRole('heading', { level: 1, name: `Resume: ${branch} to plain` }).waitFor();
  assert.deepEqual(theatre.mistakes, []);
});

test('a pair is held and let go with the token, with a reason, and everybody sees who and why', {
  skip,
}, async () => {
  await using theatre = await Theatre.open();
  const { stage } = theatre;
  await stage.startListening();
  const watching = await theatre.visit();
  await live(watching);
  const page = await theatre.visit();
  await live(page);
  await card(page, 'master', 'stable').getByRole('link', { name: /^Hold/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Hold: master to stable' }).waitFor();
  await page.getByLabel('Reason').fill('a release is being cut');
  await page.getByLabel('Token', { exact: true }).fill('not it');
  await page.getByLabel('Your name').fill('grace');
  await page.getByRole('button', { name: 'Hold' }).click();
  await page.getByRole('alert').getByText('That is not the token of this service.').waitFor();
  assert.equal(await page.getByLabel('Reason').inputValue(), 'a release is being cut');
  assert.equal(
    await page.getByLabel('Token', { exact: true }).inputValue(),
    '',
    'a secret is not shown again',
  );

  await page.getByLabel('Token', { exact: true }).fill(await stage.token());
  await page.getByRole('button', { name: 'Hold' }).click();
  await page.waitForURL(/\/#pair\./);
  await card(watching, 'master', 'stable').getByText('Held by grace').waitFor();
  await watching.getByText('held by grace: a release is being cut').waitFor();

  const revision = await stage.commit('master', 'Green, and held', 'success');
  await stage.says('master', 'stable', 'held', ({ verdict }) => verdict?.kind === 'held');
  await card(watching, 'master', 'stable')
    .getByText('Goes next')
    .or(watching.getByText('1 commit waits'))
    .first()
    .waitFor();

  // The browser remembers who it is; the reason is asked for each time.
  await card(page, 'master', 'stable')
    .getByRole('link', { name: /^Resume/ })
    .click();
  await page.getByText('You are logged in as grace.').waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  assert.match(page.url(), /act\?/, 'without a reason nothing is sent');
  await page.getByLabel('Reason').fill('it is cut');
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.waitForURL(/\/#pair\./);
  await stage.arrives('stable', revision);
  await watching.getByText('resumed by grace: it is cut').waitFor();
  await card(watching, 'master', 'stable').getByText('up to date').waitFor();
  assert.deepEqual(theatre.mistakes, []);
});

test('a merge that waits for its time is made when somebody asks for it', { skip }, async () => {
  await using theatre = await Theatre.open();
  const { stage } = theatre;
  await stage.startListening();
  const revision = await stage.commit('db-devel', 'A new table', 'success');
  await stage.arrives('db-stable', revision);
  const page = await theatre.visit();
  const pair = card(page, 'db-stable', 'master');
  await pair.getByText('scheduled').waitFor();
  await pair.getByText('1 commit waits').waitFor();
  await pair.getByRole('link', { name: /^Merge now/ }).click();
  await page.getByLabel('Reason').fill('the schema is deployed');
  await page.getByLabel('Token', { exact: true }).fill(await stage.token());
  await page.getByLabel('Your name').fill('grace');
  await page.getByRole('button', { name: 'Merge now' }).click();
  await page.waitForURL(/\/#pair\./);
  await pair.getByText('up to date').waitFor();
  assert.ok(await stage.remote.isAncestor(revision, 'master'));
  const asked = await stage.tells('who asked', ({ event }) => event === 'asked');
  assert.equal(asked.pair, 'demo: db-stable -> master');
  assert.deepEqual(theatre.mistakes, []);
});

test('500 pairs are read by looking for what matters', { skip }, async () => {
  await using theatre = await Theatre.open();
  const { stage } = theatre;
  const { remote } = stage;
  const count = 500;
  const names = Array.from({ length: count }, (_, index) => `${index}`.padStart(3, '0'));
  const tip = await remote.need('master');
  const lines = names.flatMap((name) => [
    `create refs/heads/dev-${name} ${tip}\n`,
    `create refs/heads/ok-${name} ${tip}\n`,
  ]);
  await remote.git(['update-ref', '--stdin'], { input: lines.join('') });
  const builders = names.map((name) => [
    `tests-${name}`,
    { branch: `dev-${name}`, host: true, steps: ['true'] },
  ]);
  await writeFile(
    stage.world.path('pipelines', 'many.yaml'),
    JSON.stringify({
      project: 'many',
      repository: remote.path,
      builders: Object.fromEntries(builders),
      promotions: names.map((name) => ({ from: `dev-${name}`, to: `ok-${name}` })),
    }),
  );
  const broken = await remote.commit('dev-400', 'Broken');
  stage.buildbot.build({ builder: 'tests-400', branch: 'dev-400', revision: broken }, 'failure');
  await stage.startListening();
  await waitUntil('a look at all', async () => {
    const { projects } = await stage.view();
    return projects.every(({ pairs }) => pairs.every(({ verdict }) => verdict !== undefined));
  });
  const page = await theatre.visit({ viewport: { width: 375, height: 800 }, reducedMotion: 'reduce' });
  await live(page);
  await page.getByRole('heading', { level: 1, name: 'ok-400 is not fresh' }).waitFor();
  const rows = page.locator('#rows > li');
  assert.equal(await rows.count(), count + 4);
  assert.match(await text(rows.first()), /dev-400/, 'what fails is first');
  await card(page, 'dev-400', 'ok-400').getByRole('link', { name: 'tests-400 #1' }).waitFor();
  assert.ok((await overflow(page)) <= 0);
  assert.deepEqual(await accessibilityMistakes(page), []);

  const shown = page.locator('#rows > li:visible');
  await page.getByLabel('Filter').fill('many ok-12');
  await page.locator('#shown', { hasText: '10 of 504' }).waitFor();
  assert.equal(await shown.count(), 10);
  // What changes meanwhile comes to its place, and the filter stays.
  const also = await remote.commit('dev-123', 'Broken too');
  stage.buildbot.build({ builder: 'tests-123', branch: 'dev-123', revision: also }, 'failure');
  await shown.first().getByText('dev-123').waitFor();
  assert.equal(await shown.count(), 10);

  await shown.first().getByRole('link').click();
  const alone = card(page, 'dev-123', 'ok-123');
  await alone.getByText('Broken too').waitFor();
  await page.getByLabel('Filter').waitFor({ state: 'detached' });
  await live(page);
  const mended = await remote.commit('dev-123', 'Mended');
  stage.buildbot.build({ builder: 'tests-123', branch: 'dev-123', revision: mended }, 'success');
  await alone.getByText('up to date').waitFor();

  const plain = await theatre.visit({ javaScriptEnabled: false, path: '?q=ok-400' });
  assert.equal(await plain.locator('#rows > li:visible').count(), 1, 'the filter works without a script');
  assert.deepEqual(theatre.mistakes, []);
});

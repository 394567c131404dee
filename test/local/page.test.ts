/**
 * The page of `npm start`, opened as a new user would, with the real Buildbot behind it. It makes the screenshot that the
 * README shows: `LPBUILDBOT_SCREENSHOT=docs/page.png npm test -- local/page` renews it.
 */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import * as z from 'zod';
import { findChromium, noChromium, openChromium } from '../support/chromium.ts';
import { GitWorld } from '../support/git-world.ts';
import { freePort } from '../support/ports.ts';
import { waitUntil } from '../support/wait.ts';
import { BuildbotView } from './buildbot-view.ts';
import { demoPipeline } from './demo-project.ts';
import { DemoRepository } from './demo-repository.ts';
import { tellStory } from './story-teller.ts';
import { startSystem } from './system.ts';

const root = join(import.meta.dirname, '../..');
const python = process.env.LPBUILDBOT_PYTHON ?? 'python3';
const executable = await findChromium();

const stateSchema = z.object({
  projects: z.array(
    z.object({
      pairs: z.array(
        z.object({
          pair: z.object({ id: z.string() }),
          verdict: z.object({ kind: z.string() }).optional(),
        }),
      ),
    }),
  ),
});

/** The real thing takes minutes when the machine has much else to do. */
const PATIENCE = 180_000;

async function hold(page: Page, name: string, password: string, reason: string): Promise<void> {
  await page
    .getByRole('article', { name: 'master to stable' })
    .getByRole('link', { name: /^(Hold|Resume)/ })
    .click();
  await page.getByLabel('Reason').fill(reason);
  if (name !== '') {
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('Password').fill(password);
  }
  await page.getByRole('button', { name: /^(Hold|Resume)$/ }).click();
}

test('a new user sees the demo live, follows a build into Buildbot, and holds a branch with a Buildbot login', {
  timeout: 900_000,
  skip: executable === undefined ? noChromium : false,
}, async () => {
  await using world = await GitWorld.create();
  const state = world.path('state');
  await mkdir(state);
  const repository = await DemoRepository.open(join(state, 'demo'));
  const pipelineFile = join(state, 'pipeline.yaml');
  await writeFile(pipelineFile, demoPipeline(repository.url, python));
  const ports = { web: await freePort(), workers: await freePort(), promotion: await freePort() };
  const system = await startSystem({
    state,
    venvs: join(root, '.lpbuildbot/venv'),
    python,
    pipelineFile,
    ports,
    say: () => {},
    onPromotion: () => {},
  });
  const buildbot = new BuildbotView(`http://127.0.0.1:${ports.web}/`);
  const browser = await openChromium(executable ?? '', world.path('home'));
  const ending = new AbortController();
  try {
    const url = `http://127.0.0.1:${ports.promotion}/`;
    const context = await browser.newContext({
      viewport: { width: 1280, height: 860 },
      deviceScaleFactor: 2,
      colorScheme: 'light',
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    context.setDefaultTimeout(PATIENCE);
    const mistakes: string[] = [];
    page.on('pageerror', (error) => mistakes.push(error.message));
    await page.goto(url);
    await page.locator('#live[data-state=live]').waitFor();

    // The story stops where stable conflicts with db-devel, and so db-stable with master: nobody comes to mend that.
    const isConflict = async () => {
      const { projects } = stateSchema.parse(await (await fetch(`${url}api/state`)).json());
      const pairs = projects.flatMap((project) => project.pairs);
      return pairs.some(
        ({ pair, verdict }) => pair.id === 'demo: stable -> db-devel' && verdict?.kind === 'conflict',
      );
    };
    const telling = tellStory({
      repository,
      buildbot,
      hasConflict: async () => {
        if (await isConflict()) ending.abort();
        return false;
      },
      onPush: () => {},
      onWait: () => {},
      signal: ending.signal,
    });
    await assert.rejects(telling, { name: 'AbortError' });

    // The page was open all the time.
    await page
      .getByRole('heading', { level: 1, name: 'Every stable branch is fresh; 2 merges need somebody' })
      .waitFor();
    const conflict = page.getByRole('article', { name: 'stable to db-devel' });
    await conflict.getByText('README.md').waitFor();
    await conflict.getByText('Describe fractions').first().waitFor();
    await page.getByText('stable moved to').first().waitFor({ state: 'attached' });
    await page.screenshot({
      path: process.env.LPBUILDBOT_SCREENSHOT ?? world.path('page.png'),
      scale: 'css',
    });

    const build = page
      .getByRole('article', { name: 'master to stable' })
      .getByRole('link', { name: /^demo-tests #\d+$/ });
    const name = (await build.textContent()) ?? '';
    // In a tab of its own: what goes wrong in Buildbot's pages is not ours.
    const opening = context.waitForEvent('page');
    await build.click({ modifiers: ['ControlOrMeta'] });
    const theirs = await opening;
    await theirs
      .getByText(name.replace('#', '').split(' ')[0] ?? '')
      .first()
      .waitFor();
    assert.match(
      theirs.url(),
      new RegExp(`^http://127\\.0\\.0\\.1:${ports.web}/#/builders/\\d+/builds/${name.split('#')[1]}$`),
    );
    await theirs.close();

    await hold(page, 'demo', 'wrong', 'a freeze');
    await page.getByRole('alert').getByText('Buildbot does not know this name with this password.').waitFor();
    await page.getByLabel('Password').fill(system.password);
    await page.getByRole('button', { name: 'Hold' }).click();
    await page.getByText('Held by demo', { exact: true }).waitFor();
    await hold(page, '', '', 'remembered');
    await page.getByText('resumed by demo: remembered').waitFor();

    // Whoever is logged in to Buildbot at the same host name is known here, too.
    const other = await (await browser.newContext()).newPage();
    other.setDefaultTimeout(PATIENCE);
    const basic = Buffer.from(`demo:${system.password}`).toString('base64');
    const login = `http://127.0.0.1:${ports.web}/auth/login`;
    await other
      .context()
      .request.get(login, { headers: { authorization: `Basic ${basic}` }, maxRedirects: 0 });
    await other.goto(url);
    await hold(other, '', '', 'by the login of Buildbot');
    await page.getByText('Held by demo', { exact: true }).waitFor();

    // A login that is taken away is gone at once, whatever a browser remembers.
    await writeFile(join(state, 'master/logins'), '');
    await hold(other, '', '', 'no longer');
    await other.getByRole('alert').getByText('Buildbot does not let demo change anything.').waitFor();
    await waitUntil(
      'the hold to be there still',
      async () => (await page.getByText('Held by demo', { exact: true }).count()) > 0,
    );
    assert.deepEqual(mistakes, []);
  } finally {
    ending.abort();
    await browser.close();
    buildbot.close();
    await system.stop();
  }
});

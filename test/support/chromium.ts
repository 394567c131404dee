/** Debian's Chromium, headless, for tests of web pages; those are skipped where there is none, and say so. */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { z } from 'zod';

/** Where the browser is; undefined when there is none. */
export async function findChromium(): Promise<string | undefined> {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(directory, 'chromium');
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found && directory !== '') return file;
  }
  return undefined;
}

export const noChromium = 'there is no Chromium: apt-get install chromium';

/** @param home where it may write what a browser writes into a home directory. */
export async function openChromium(executablePath: string, home: string): Promise<Browser> {
  const env = { ...process.env, HOME: home };
  return await chromium.launch({
    executablePath,
    // Its sandbox needs another user than root.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    env: Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  });
}

const violationsSchema = z.array(
  z.object({ id: z.string(), help: z.string(), nodes: z.array(z.object({ html: z.string() })) }),
);

/** What axe-core finds wrong with a page for those who cannot see it or use no mouse; a line each. */
export async function accessibilityMistakes(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] }).then((all) => all.violations)',
  );
  return violationsSchema
    .parse(found)
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' ')}`);
}

/** How many pixels the page is wider than what shows it. */
export async function overflow(page: Page): Promise<number> {
  return z.number().parse(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'));
}

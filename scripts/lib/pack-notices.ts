/** The licences of other people's work that a bundle carries: each asks that its text goes with it. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const manifestSchema = z.object({ name: z.string(), version: z.string(), license: z.string() });

/** The directories of the npm packages that these files of a bundle lie in, relative to the repository. */
export function packagesOf(files: readonly string[]): string[] {
  const directories = files.flatMap(
    (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [],
  );
  return [...new Set(directories)].toSorted();
}

/** Name, version and licence text of every npm package in a bundle. A package without a licence text gets its licence's name. */
export async function noticesOf(root: string, files: readonly string[]): Promise<string> {
  const notices = await Promise.all(packagesOf(files).map((directory) => noticeOf(join(root, directory))));
  return notices.join(`\n${'-'.repeat(80)}\n\n`);
}

async function noticeOf(directory: string): Promise<string> {
  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')));
  const names = (await readdir(directory))
    .filter((name) => /^(licen[cs]e|copying|notice)/i.test(name))
    .toSorted();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  const text = texts.map((one) => one.trimEnd()).join('\n\n');
  return `${manifest.name} ${manifest.version} (${manifest.license})\n\n${text === '' ? manifest.license : text}\n`;
}

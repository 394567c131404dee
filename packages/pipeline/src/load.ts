/** Finds and reads pipeline files, so that `readPipelines` stays free of the file system. */
import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TextDecoder } from 'node:util';
import * as z from 'zod';
import { files, type Words } from './messages.ts';
import { type Mistake, sortMistakes } from './mistake.ts';
import { positionsIn } from './positions.ts';
import { mostCharacters, type PipelineText, type Reading, readTexts } from './read.ts';

/** In one directory. */
const mostFiles = 1000;

type Loaded =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'mistake'; readonly mistake: Mistake };

/**
 * Reads the files and directories of one configuration; a directory means its `*.yaml` and `*.yml`, sorted, without those
 * whose names start with a dot. A file that is named twice is read once. What cannot be read is a mistake in the result,
 * never an exception.
 */
export async function loadPipelines(paths: readonly string[]): Promise<Reading> {
  const mistakes: Mistake[] = [];
  const names = new Map<string, string>();
  for (const path of paths) {
    const found = await filesIn(path);
    if (found.kind === 'mistake') mistakes.push(found.mistake);
    else for (const name of found.names) names.set(resolve(name), name);
  }
  const texts: PipelineText[] = [];
  let bytesLeft = mostCharacters;
  for (const file of names.values()) {
    const loaded = await load(file, bytesLeft);
    if (loaded.kind === 'mistake') mistakes.push(loaded.mistake);
    else {
      texts.push({ file, text: loaded.text });
      bytesLeft -= Buffer.byteLength(loaded.text);
    }
  }
  const reading = readTexts(texts, mistakes.length === 0 ? 'all' : 'some');
  if (mistakes.length === 0) return reading;
  const others = reading.kind === 'refused' ? reading.mistakes : [];
  return { kind: 'refused', mistakes: sortMistakes([...mistakes, ...others]) };
}

type Found =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'mistake'; readonly mistake: Mistake };

async function filesIn(path: string): Promise<Found> {
  try {
    if (!(await stat(path)).isDirectory()) return { kind: 'names', names: [path] };
    const names = (await readdir(path)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
    if (names.length === 0) return { kind: 'mistake', mistake: wholeFile(path, files.emptyDirectory()) };
    if (names.length > mostFiles) return { kind: 'mistake', mistake: wholeFile(path, files.tooMany()) };
    return { kind: 'names', names: names.map((name) => join(path, name)) };
  } catch (error) {
    return { kind: 'mistake', mistake: wholeFile(path, whyUnreadable(error)) };
  }
}

async function load(file: string, most: number): Promise<Loaded> {
  const refuse = (words: Words): Loaded => ({ kind: 'mistake', mistake: wholeFile(file, words) });
  try {
    // Non-blocking, or a named pipe that nobody writes to would hold this up for ever.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile()) return refuse(files.notAFile());
      const bytes = Buffer.alloc(most + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(bytes, length, bytes.length - length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return length > most ? refuse(files.tooLarge()) : decode(file, bytes.subarray(0, length));
    } finally {
      await handle.close();
    }
  } catch (error) {
    return refuse(whyUnreadable(error));
  }
}

function decode(file: string, bytes: Buffer): Loaded {
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    const text = bytes.toString('utf8');
    const again = Buffer.from(text);
    const wrong = bytes.findIndex((byte, index) => byte !== again[index]);
    const before = bytes.subarray(0, Math.max(wrong, 0)).toString('utf8');
    return { kind: 'mistake', mistake: { file, ...positionsIn(before)(before.length), ...files.notUtf8() } };
  }
}

function whyUnreadable(error: unknown): Words {
  const code = z.object({ code: z.string() }).safeParse(error).data?.code ?? String(error);
  return code === 'ENOENT' ? files.missing() : files.unreadable(code);
}

function wholeFile(file: string, words: Words): Mistake {
  return { file, line: 1, column: 1, ...words };
}

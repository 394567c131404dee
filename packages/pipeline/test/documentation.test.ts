/** Every example of docs/reference/pipeline-file.md is what it says that it is. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { formatMistakes } from '../src/mistake.ts';
import { readPipelines } from '../src/read.ts';
import { fileSchema } from '../src/schema.ts';
import { directoryWith, run } from './command.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/reference/pipeline-file.md'), 'utf8');

/** The code blocks of the page that start with these words. */
function blocks(start: string): string[] {
  return [...page.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].flatMap(([, words, text = '']) =>
    words === start ? [text] : [],
  );
}

/** Around the fragments, so that they are files: what they name is there. */
const surroundings = {
  project: 'example',
  repository: '/srv/git/example',
  images: { noble: { base: 'ubuntu:24.04' } },
  builders: {
    unit: { branch: 'main', image: 'noble', steps: ['make'] },
    next: { branch: 'next', image: 'noble', steps: ['make'] },
  },
};

test('the whole files are accepted', () => {
  const files = blocks('yaml');
  assert.equal(files.length, 2);
  for (const text of files) assertAccepted(text);
});

test('the fragments are accepted where what they name is there', () => {
  const fragments = blocks('yaml fragment');
  assert.ok(fragments.length >= 8);
  for (const text of fragments) {
    const fragment = z.record(z.string(), z.unknown()).parse(parse(text));
    assertAccepted(stringify({ ...surroundings, ...fragment }, { aliasDuplicateObjects: false }));
  }
});

test('the report of the wrong file is the one that the command gives', async () => {
  const [wrong = ''] = blocks('yaml wrong');
  const [report] = blocks('text');
  await using directory = await directoryWith({ 'hello.yaml': wrong });
  const { code, stderr } = await run(['check', 'hello.yaml'], directory.path);
  assert.equal(stderr, report);
  assert.equal(code, 1);
});

test('every key has a line in a table', () => {
  const { builders, images, promotions, merges } = fileSchema.shape;
  const shapes = [
    fileSchema.shape,
    images.unwrap().valueType.shape,
    builders.valueType.shape,
    promotions.unwrap().element.shape,
    merges.unwrap().element.shape,
  ];
  for (const key of shapes.flatMap((shape) => Object.keys(shape))) {
    assert.match(page, new RegExp(`^\\| \\[?\`${key}\``, 'm'), key);
  }
});

function assertAccepted(text: string): void {
  const reading = readPipelines([{ file: 'example.yaml', text }]);
  assert.equal(reading.kind === 'accepted' ? '' : formatMistakes(reading.mistakes), '', text);
}

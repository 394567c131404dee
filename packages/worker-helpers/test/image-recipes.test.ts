/** Every example of docs/reference/image-recipes.md, and the example that the package ships, is what it says that it is. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatMistakes } from '../src/images/recipes/mistake.ts';
import { readRecipes } from '../src/images/recipes/read-recipes.ts';
import type { Companions } from '../src/images/recipes/resolve.ts';
import { fileSchema, flavorSchema, imageSchema } from '../src/images/recipes/schema.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/reference/image-recipes.md'), 'utf8');

/** The code blocks of the page that start with these words. */
function blocks(start: string): string[] {
  return [...page.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].flatMap(([, words, text = '']) =>
    words === start ? [text] : [],
  );
}

/** Every file that an example names is there. */
const companions: Companions = {
  read: async () => ({ kind: 'content', content: Buffer.from('') }),
  lookFor: async () => undefined,
};

async function mistakesIn(text: string): Promise<string> {
  const reading = await readRecipes([{ file: 'wrong.yaml', text }], companions);
  return reading.kind === 'accepted' ? '' : `${formatMistakes(reading.mistakes)}\n`;
}

test('the examples are accepted', async () => {
  const examples = blocks('yaml');
  assert.equal(examples.length, 3);
  for (const text of examples) assert.equal(await mistakesIn(text), '');
});

test('the report of the wrong file is the one that is given', async () => {
  const [wrong = ''] = blocks('yaml wrong');
  const [report] = blocks('text');
  assert.equal(await mistakesIn(wrong), report);
});

test('the example that the package ships is accepted', async () => {
  const file = join(import.meta.dirname, '../images.d/launchpad.yaml.example');
  assert.equal(await mistakesIn(readFileSync(file, 'utf8')), '');
});

test('every key has a line in a table', () => {
  const keys = [fileSchema, flavorSchema, imageSchema].flatMap(({ shape }) => Object.keys(shape));
  for (const key of keys) assert.ok(page.includes(`\n| \`${key}\` |`), `${key} is missing`);
});

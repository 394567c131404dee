/**
 * What a file may cost: each of these is read by a process of its own, which has to end with a mistake, without a stack
 * trace, within 2 s of processor time and 300 MB.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { directoryWith, run } from './command.ts';

const megabyte = 1_000_000;
const head = 'project: p\nrepository: /srv/p\n';
const builder = 'builders: { b: { branch: main, host: true, steps: [make] } }\n';

/** Pieces, one after another, up to a size. */
function upTo(size: number, piece: (index: number) => string): string {
  let text = '';
  for (let index = 0; text.length < size; index += 1) text += piece(index);
  return text;
}

function laughs(levels: number): string {
  const level = (index: number) => `a${index}: &a${index} [${`*a${index - 1},`.repeat(9)}]\n`;
  return `a0: &a0 [lol]\n${Array.from({ length: levels }, (_, index) => level(index + 1)).join('')}`;
}

const tooLarge = /found more than 1 MB in all pipeline files together/;
const tooMany = /found more than 100,000 words and signs in all pipeline files together/;
const tooDeep = /found more than 32 maps and lists inside each other/;
const moreOfThem = /found more mistakes of this kind from here on/;

const files: Record<string, { readonly text: () => string; readonly told: RegExp }> = {
  '10 MB of open brackets': { text: () => '['.repeat(10 * megabyte), told: tooLarge },
  '10 MB of keys': { text: () => upTo(10 * megabyte, (index) => `key${index}: 1\n`), told: tooLarge },
  '1 MB of open brackets': { text: () => '['.repeat(megabyte), told: tooDeep },
  '1 MB of open braces': { text: () => '{a: '.repeat(megabyte / 4), told: tooDeep },
  '1 MB of lists on one line': { text: () => '- '.repeat(megabyte / 2), told: tooDeep },
  '1 MB of question marks': { text: () => '? '.repeat(megabyte / 2), told: tooDeep },
  'a stair of maps': {
    text: () => Array.from({ length: 1400 }, (_, index) => `${' '.repeat(index)}a:\n`).join(''),
    told: tooDeep,
  },
  '1 MB of closing brackets': { text: () => ']'.repeat(megabyte), told: tooMany },
  '1 MB of quotes': { text: () => '"'.repeat(megabyte), told: tooMany },
  '1 MB of documents': { text: () => '---\na\n'.repeat(megabyte / 6), told: /found a second YAML document/ },
  '1 MB of one word': { text: () => 'a'.repeat(megabyte), told: /found "aaaa.*a\.\.\."; write a map/ },
  '1 MB of one line, folded': {
    text: () => `project: >\n${' a\n'.repeat(300_000)}`,
    told: /1:10: found "a a/,
  },
  'nothing but 1 MB of comments': { text: () => '#\n'.repeat(40_000), told: /found an empty file/ },
  '100,000 keys': { text: () => upTo(890_000, (index) => `${index}: 1\n`), told: tooMany },
  '10,000 unknown keys': { text: () => upTo(110_000, (index) => `key${index}: 1\n`), told: moreOfThem },
  'aliases that explode': {
    text: () => laughs(30),
    told: /found the alias "\*a\d", with which the file's values grow beyond all measure/,
  },
  'a chain of aliases': {
    text: () => `- &a0 [x]\n${upTo(megabyte / 10, (index) => `- &a${index + 1} [*a${index}]\n`)}`,
    told: tooDeep,
  },
  'one step of 400 kB in 2,000 builders': {
    text: () =>
      `${head}builders:\n  b: { branch: main, host: true, steps: &steps [${'x'.repeat(400_000)}] }\n${upTo(130_000, (index) => `  b${index}: { branch: main, host: true, steps: *steps }\n`)}`,
    told: /found the alias "\*steps", with which/,
  },
  '2,000 promotions and merges with slips of the pen': {
    text: () => {
      const builders = upTo(
        50_000,
        (index) => `  builder-${index}: { branch: branch-${index}, host: true, steps: [make] }\n`,
      );
      const promotions = upTo(
        30_000,
        (index) => `- { from: brunch-${index}, to: t${index}, requires: [bilder-${index}] }\n`,
      );
      const merges = upTo(
        30_000,
        (index) => `- { from: brunch-${index}, into: brench-${index}, schedule: "${index % 60} 4 * * *" }\n`,
      );
      return `${head}builders:\n${builders}promotions:\n${promotions}merges:\n${merges}`;
    },
    told: moreOfThem,
  },
  'slips of the pen in names of 40 characters': {
    text: () => {
      // Alike, yet never near enough for the search to end early.
      const long = (letter: string, index: number) =>
        `${letter}${`${index}`.padStart(7, 'x').repeat(5)}${letter}`;
      const builders = upTo(
        110_000,
        (index) =>
          `  ${long('b', index)}: { branch: ${long('b', index)}, image: ${long('i', index)}, steps: [a] }\n`,
      );
      const promotions = upTo(
        40_000,
        (index) => `- { from: ${long('c', index)}, to: t${index}, requires: [${long('c', index)}] }\n`,
      );
      const merges = upTo(40_000, (index) => `- { from: ${long('c', index)}, into: ${long('d', index)} }\n`);
      const images = upTo(40_000, (index) => `  ${long('j', index)}: { base: ${long('k', index)} }\n`);
      return `${head}images:\n${images}builders:\n${builders}promotions:\n${promotions}merges:\n${merges}`;
    },
    told: moreOfThem,
  },
  '2,000 promotions in a circle, and back': {
    text: () =>
      `${head}${builder}promotions:\n${upTo(110_000, (index) => `- { from: b${index}, to: b${index + 1} }\n- { from: b${index + 1}, to: b0 }\n`)}`,
    told: /found a circle of automatic moves: b0 -> b1 -> b2 -> b3 -> b4 -> b5 -> \.\.\. -> /,
  },
  '5,000 images on each other': {
    text: () =>
      `${head}${builder}images:\n${upTo(110_000, (index) => `  i${index}: { base: i${index + 1} }\n`)}`,
    told: /found the base "i\d+", which `images` does not have/,
  },
  'patterns that make regular expressions slow': {
    text: () =>
      `project: "${'a-'.repeat(100_000)}!"\nrepository: "${'a:/@'.repeat(50_000)}"\npush: "${'//@'.repeat(50_000)}"\nmerges: [{ from: "${'a/.'.repeat(50_000)}", into: b, schedule: "${'1,'.repeat(50_000)} * * * *" }]\n`,
    told: /1:10: found "a-a-a-/,
  },
};

for (const [name, { text, told }] of Object.entries(files)) {
  test(name, async () => {
    await using directory = await directoryWith({ 'f.yaml': text() });
    const { code, stdout, stderr, cpuSeconds, megabytes } = await run(['check', 'f.yaml'], directory.path);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, told);
    for (const line of stderr.trimEnd().split('\n').slice(0, -1))
      assert.match(line, /^f\.yaml:\d+:\d+: found .{1,600}$/);
    assert.ok(cpuSeconds <= 2, `${cpuSeconds} s of processor time`);
    assert.ok(megabytes <= 300, `${megabytes} MB`);
  });
}

test('many files cost no more than one', async () => {
  const keys = upTo(50_000, (index) => `key${index}: 1\n`);
  await using directory = await directoryWith(
    Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`${index}.yaml`, keys])),
  );
  const { code, stderr, cpuSeconds, megabytes } = await run(['check', join(directory.path)]);
  assert.equal(code, 1);
  assert.match(stderr, /found more than/);
  assert.ok(cpuSeconds <= 2, `${cpuSeconds} s of processor time`);
  assert.ok(megabytes <= 300, `${megabytes} MB`);
});

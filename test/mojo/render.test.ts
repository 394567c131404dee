import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Rendered, render } from './render.ts';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'render-'));
});
after(async () => {
  await rm(directory, { recursive: true });
});

async function rendered(template: string): Promise<Rendered> {
  const file = join(directory, 'bundle.yaml');
  await writeFile(file, template);
  return await render(file, {
    series: 'noble',
    stage_name: 'devel',
    local_dir: '/srv/local',
    MOJO_VIP: '10.0.0.1',
  });
}

test('a template sees what Mojo gives it, and what it sets itself', async () => {
  const template = `{%- set devel = stage_name == "devel" %}
{%- macro charm(name) %}./{{ series }}/{{ name }}{% endmacro %}
a: {{ charm("one") }} {{ devel }} {{ local_dir }} {{ MOJO_VIP }}`;
  assert.deepEqual(await rendered(template), {
    kind: 'rendered',
    text: '\na: ./noble/one True /srv/local 10.0.0.1',
  });
});

const mistakes: readonly (readonly [string, number, RegExp])[] = [
  ['a: 1\nb: {{ stage }}\n', 2, /^the variable stage$/],
  ['a: 1\n\n{% if x %}\n', 3, /Unexpected end of template/],
  ['a: 1\nb: {{ series.upper }\n', 2, /unexpected/],
  ['a: 1\nb: {{ [1][5] }}\n', 2, /has no element 5/],
];
for (const [template, line, found] of mistakes) {
  test(`${JSON.stringify(template)} is refused at its line`, async () => {
    const answer = await rendered(template);
    assert.equal(answer.kind, 'wrong');
    assert.deepEqual(
      answer.problems.map((problem) => problem.line),
      [line],
      JSON.stringify(answer.problems),
    );
    assert.match(answer.problems[0]?.found ?? '', found);
  });
}

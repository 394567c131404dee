import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { configurations } from '../testing/arbitrary.ts';
import { compile } from './compile.ts';
import { compiledSchema } from './compiled.ts';
import { formatPipeline } from './format.ts';
import { formatMistakes } from './mistake.ts';
import type { Pipeline } from './model.ts';
import { readPipelines } from './read.ts';

function read(pipelines: readonly Pipeline[]): readonly Pipeline[] {
  const reading = readPipelines(pipelines.map((one) => ({ file: one.file, text: formatPipeline(one) })));
  if (reading.kind === 'refused') throw new Error(formatMistakes(reading.mistakes));
  return reading.pipelines;
}

test('reading what was printed gives the same pipelines', () => {
  fc.assert(
    fc.property(configurations(), (pipelines) => {
      assert.deepEqual(read(pipelines), pipelines);
    }),
    { numRuns: 300 },
  );
});

test('printing is canonical: the same pipeline has one text', () => {
  fc.assert(
    fc.property(configurations(1), (pipelines) => {
      assert.deepEqual(read(pipelines).map(formatPipeline), pipelines.map(formatPipeline));
    }),
    { numRuns: 50 },
  );
});

test('what is accepted compiles to what master.cfg is promised', () => {
  fc.assert(
    fc.property(configurations(), (pipelines) => {
      const compiled = compile(pipelines);
      assert.deepEqual(compiledSchema.parse(compiled), compiled);
    }),
    { numRuns: 100 },
  );
});

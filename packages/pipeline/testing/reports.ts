/** Tables of bad files beside the whole report that a user would see. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMistakes } from '../src/mistake.ts';
import { readPipelines } from '../src/read.ts';

export type Case = {
  readonly name: string;
  readonly report: readonly string[];
} & ({ readonly file: string } | { readonly files: Readonly<Record<string, string>> });

export function testReports(cases: readonly Case[]): void {
  for (const one of cases) {
    test(one.name, () => {
      const files = 'file' in one ? { 'pipeline.yaml': one.file } : one.files;
      const reading = readPipelines(Object.entries(files).map(([file, text]) => ({ file, text })));
      const report = reading.kind === 'accepted' ? 'accepted' : formatMistakes(reading.mistakes);
      assert.deepEqual(report.split('\n'), one.report);
    });
  }
}

/** The lines of a file, without the indentation that they have in the test. */
export function text(strings: TemplateStringsArray): string {
  const lines = (strings[0] ?? '').split('\n').slice(1, -1);
  const indentation = /^ */.exec(lines[0] ?? '')?.[0].length ?? 0;
  return lines.map((line) => `${line.slice(indentation)}\n`).join('');
}

/** The least that is accepted. */
export const minimal = text`
  project: p
  repository: /srv/p
  builders: { b: { branch: main, host: true, steps: [make] } }
`;

export const twoBranches = text`
  project: p
  repository: /srv/p
  builders:
    one: { branch: main, host: true, steps: [make] }
    two: { branch: db, host: true, steps: [make] }
`;

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moreItertools, six } from './corpora.ts';
import { prepareInput } from './input.ts';
import { runScenario } from './scenario.ts';

test('on the last releases of six, the stable branches go through exactly what passes directly', async (t) => {
  const main = { ...six, releases: six.releases.slice(-6) };
  // The oldest that passes on the Pythons of today, and the one before it.
  const turn = moreItertools.releases.findIndex(({ version }) => version === '6.0.0');
  const beside = { ...moreItertools, releases: moreItertools.releases.slice(turn - 1, turn + 2) };
  const onProgress = (line: string): void => t.diagnostic(line);
  const input = await prepareInput([...main.releases, ...beside.releases], onProgress);
  const findings = await runScenario({ main, beside, ...input, onProgress });
  assert.deepEqual(
    findings.filter(({ mistake }) => mistake !== undefined),
    [],
  );
  t.diagnostic(`${findings.length} comparisons hold`);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { charmYaml } from './pack-charm-yaml.ts';

const file = join(import.meta.dirname, '../../charms/worker/charmcraft.yaml');
const text = readFileSync(file, 'utf8');

function filesOf(written: string, architecture: 'amd64' | 'arm64' = 'amd64'): ReadonlyMap<string, string> {
  const made = charmYaml(file, written, architecture);
  assert.equal(made.kind, 'files');
  return made.kind === 'files' ? made.files : new Map();
}

function reasonOf(change: Record<string, unknown>): string {
  const made = charmYaml('charmcraft.yaml', stringify({ ...parse(text), ...change }), 'amd64');
  return made.kind === 'wrong' ? made.reason : '';
}

test("Juju's metadata are charmcraft's without what only charmcraft reads", () => {
  const metadata = parse(filesOf(text).get('metadata.yaml') ?? '');
  assert.equal(metadata.name, 'lpbuildbot-worker');
  assert.equal(metadata['display-name'], 'lpbuildbot worker');
  assert.deepEqual(metadata.maintainers, [parse(text).links.contact]);
  assert.equal(metadata.source, parse(text).links.source);
  for (const key of ['type', 'title', 'links', 'parts', 'platforms', 'config', 'actions']) {
    assert.ok(!(key in metadata), `${key} is not for Juju`);
  }
});

test('settings and actions have files of their own', () => {
  const files = filesOf(text);
  assert.deepEqual(parse(files.get('config.yaml') ?? ''), parse(text).config);
  assert.deepEqual(parse(files.get('actions.yaml') ?? ''), parse(text).actions);
});

test('one charm is for every base of its architecture', () => {
  const { bases } = parse(filesOf(text, 'arm64').get('manifest.yaml') ?? '');
  assert.deepEqual(bases, [
    { name: 'ubuntu', channel: '24.04', architectures: ['arm64'] },
    { name: 'ubuntu', channel: '26.04', architectures: ['arm64'] },
  ]);
});

test('a release stays text, also for parsers that take 24.10 for a number', () => {
  assert.match(filesOf(text).get('manifest.yaml') ?? '', /channel: "24\.04"\n/);
});

test('all mistakes are told at once', () => {
  const reason = reasonOf({
    summary: 7,
    sumary: 'typo',
    config: { options: { 'max-builds': { type: 'int', default: 'one', description: 'd' } } },
    platforms: { 'ubuntu@24.04': null },
  });
  for (const place of ['summary', 'sumary', 'config.options.max-builds.default', 'platforms.ubuntu@24.04']) {
    assert.ok(reason.includes(place), `${place} is in: ${reason}`);
  }
});

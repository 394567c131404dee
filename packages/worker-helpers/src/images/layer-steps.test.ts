import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { layerSteps } from './layer-steps.ts';
import { noLayer } from './testing.ts';

it('goes from files to sources to packages to commands', () => {
  const key = { content: Buffer.from('key'), extension: 'asc' } as const;
  const steps = layerSteps({
    environment: { LANG: 'C.UTF-8' },
    files: [
      { path: '/etc/apt/apt.conf.d/proxy', mode: '0644', owner: 'root:root', content: Buffer.from('x') },
    ],
    sources: [{ name: 'site', url: 'https://apt.example.org', suites: [], components: ['main'], key }],
    packages: ['git', 'make', 'gcc', 'g++', 'tox'],
    commands: ['locale-gen'],
    smoke: ['true'],
  });
  assert.deepEqual(
    steps.map(({ title }) => title),
    [
      'environment: LANG',
      'writing /etc/apt/apt.conf.d/proxy',
      'writing /etc/apt/keyrings/site.asc',
      'apt source site (https://apt.example.org)',
      'apt-get update',
      'installing git, make, gcc and 2 more',
      'running "locale-gen"',
    ],
  );
});

it('does nothing for an empty layer', () => {
  assert.deepEqual(layerSteps(noLayer), []);
});

it('writes a file whatever its name and content', () => {
  const directory = mkdtempSync(join(tmpdir(), 'image-layer-'));
  const path = join(directory, "a b's", '$HOME');
  const content = Buffer.from('\0binary\n$x');
  const owner = `${process.getuid?.()}:${process.getgid?.()}`;
  const [step] = layerSteps({ ...noLayer, files: [{ path, mode: '0640', owner, content }] });
  execFileSync('/bin/sh', ['-ec', step?.script ?? ''], { input: step?.input });
  assert.deepEqual(readFileSync(path), content);
  assert.equal(statSync(path).mode & 0o777, 0o640);
  rmSync(directory, { recursive: true });
});

it("takes the image's own release where a source names none", () => {
  const [step] = layerSteps({
    ...noLayer,
    sources: [
      { name: 'site', url: 'https://apt.example.org', suites: [], components: ['main'], key: undefined },
    ],
  });
  const printf = step?.script.split('\n').at(-1)?.replace(/ > .*/, '') ?? '';
  const printed = execFileSync('/bin/sh', ['-ec', `VERSION_CODENAME=jammy\n${printf}`], { encoding: 'utf8' });
  assert.equal(printed, 'Types: deb\nURIs: https://apt.example.org\nSuites: jammy\nComponents: main\n');
});

it('knows a flat repository, which has no components', () => {
  const source = {
    name: 'flat',
    url: 'file:/srv/debs',
    suites: ['./'],
    components: ['main'],
    key: undefined,
  };
  const [step] = layerSteps({ ...noLayer, sources: [source] });
  assert.doesNotMatch(step?.script ?? '', /Components/);
});

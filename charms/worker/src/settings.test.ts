import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aptSourceFile, type PackageSource, readSettings } from './settings.ts';

const key = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ\n-----END PGP PUBLIC KEY BLOCK-----';
const defaults = { 'max-builds': 1, upgrade: 'auto', 'image-refresh': '7d' };

function sourceOf(text: string): PackageSource | readonly string[] {
  const read = readSettings({ ...defaults, 'package-source': text, 'package-key': key });
  return read.kind === 'good' ? read.settings.source : read.mistakes;
}

const sources: readonly (readonly [string, PackageSource])[] = [
  ['', { kind: 'none' }],
  ['  ppa:launchpad/lpbuildbot ', { kind: 'ppa', owner: 'launchpad', name: 'lpbuildbot' }],
  [
    'https://apt.example.com/x stable main extra',
    { kind: 'repository', uri: 'https://apt.example.com/x', suite: 'stable', components: ['main', 'extra'] },
  ],
  [
    'deb http://apt.example.com ./',
    { kind: 'repository', uri: 'http://apt.example.com', suite: './', components: [] },
  ],
];
for (const [text, source] of sources) {
  test(`package-source "${text}"`, () => assert.deepEqual(sourceOf(text), source));
}

const wrong = [
  'stable',
  'https://apt.example.com',
  'https://apt.example.com stable',
  'https://apt.example.com ./ main',
  'deb [trusted=yes] https://apt.example.com stable main',
  'ftp://apt.example.com stable main',
  'https://apt.example.com stable main\nTrusted: yes\nX: $(id)',
  'ppa:launchpad',
];
for (const text of wrong) {
  test(`package-source ${JSON.stringify(text)} is refused`, () => {
    const mistakes = sourceOf(text);
    assert.ok(Array.isArray(mistakes));
    assert.match(mistakes[0] ?? '', /^setting package-source: write "ppa:OWNER\/NAME"/);
  });
}

test('a repository needs a key, but for files of the machine itself', () => {
  const read = (source: string) => readSettings({ ...defaults, 'package-source': source });
  assert.deepEqual(read('https://apt.example.com stable main'), {
    kind: 'wrong',
    mistakes: ['setting package-key: set it too: apt takes nothing from package-source that it cannot check'],
  });
  assert.equal(read('file:/srv/apt ./').kind, 'good');
});

test('every wrong setting is told, with what to write', () => {
  const read = readSettings({
    'max-builds': 0,
    upgrade: 'sometimes',
    'image-refresh': '7',
    'package-key': 'key.gpg',
    'lxd-storage-size': '5',
  });
  assert.deepEqual(read.kind === 'wrong' ? read.mistakes.map((line) => line.split(':')[0]) : [], [
    'setting max-builds',
    'setting upgrade',
    'setting package-key',
    'setting image-refresh',
    'setting lxd-storage-size',
  ]);
});

test('nothing that a setting holds can become another line of the file for apt', () => {
  const file = aptSourceFile({ kind: 'ppa', owner: 'a', name: 'b' }, 'noble', '/k.asc');
  assert.deepEqual(
    file.split('\n').map((line) => line.split(':')[0]),
    [
      '# Written by the charm lpbuildbot-worker from its settings package-source and package-key.',
      'Types',
      'URIs',
      'Suites',
      'Components',
      'Signed-By',
      '',
    ],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseManifest } from './manifest.ts';
import { showProblem } from './problem.ts';
import { expand } from './words.ts';

test('a manifest is its phases, with parameters, and variables for scripts', () => {
  const { phases, problems } = parseManifest(
    'manifest',
    `# a comment

secrets
collect config=collect-\${MOJO_SERIES}
bundle config=bundle.yaml max-wait=\${LONG:-1800}
script config=scripts/one lxc=False UNITS='a:1 b:1' NAME="x y"
juju-check-wait
sleep config=180
verify config=verify PORT=8010`,
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(
    phases.map(({ line, name, parameters, variables }) => [line, name, [...parameters], [...variables]]),
    [
      [3, 'secrets', [], []],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Mojo's syntax
      [4, 'collect', [['config', 'collect-${MOJO_SERIES}']], []],
      [
        5,
        'bundle',
        [
          ['config', 'bundle.yaml'],
          // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Mojo's syntax
          ['max-wait', '${LONG:-1800}'],
        ],
        [],
      ],
      [
        6,
        'script',
        [
          ['config', 'scripts/one'],
          ['lxc', 'False'],
        ],
        [
          ['UNITS', 'a:1 b:1'],
          ['NAME', 'x y'],
        ],
      ],
      [7, 'juju-check-wait', [], []],
      [8, 'sleep', [['config', '180']], []],
      [9, 'verify', [['config', 'verify']], [['PORT', '8010']]],
    ],
  );
});

const mistakes: readonly (readonly [string, string])[] = [
  ['juju check-wait', 'found "check-wait"; write NAME=VALUE, without spaces around ='],
  ['juju_check_wait', 'found the phase juju_check_wait; write juju-check-wait'],
  ['colect config=x', 'found the phase colect; write collect'],
  [
    'publish',
    'found the phase publish; the phases are secrets, collect, build, script, bundle, juju-check-wait, sleep, verify, nagios-check',
  ],
  ['deploy config=x', 'found the phase deploy; it is for juju-deployer: write bundle'],
  ['include config=x', 'found the phase include; no public manifest uses it: repeat the lines'],
  ['verify', 'found verify without config; write config=…'],
  ['bundle config=b.yaml', 'found bundle without max-wait; write max-wait=…'],
  ['bundle config=b.yaml max_wait=9', 'found max_wait for bundle; write max-wait'],
  ['bundle config=b.yaml max-wait=soon', 'found max-wait=soon; give a number of seconds'],
  [
    'bundle config=b.yaml max-wait=9 wait=False',
    'found wait for bundle; leave it out: what it does is not known',
  ],
  ['collect config=a config=b', 'found config twice; say it once: which one wins is not known'],
  ['collect config = a', 'found "config"; write NAME=VALUE, without spaces around ='],
  ['collect config=', 'found config without a value; give one, or leave it out'],
  ['collect config=../a', 'found config=../a; give a path within the spec'],
  ['build config=build FOO=1', 'found FOO for build; it takes config'],
  ['script config=a port=1', 'found port for script; write PORT, if it is a variable for the script'],
  ['script config=a MOJO_STAGE=x', 'found MOJO_STAGE; that is for Mojo to set: choose another name'],
  ['script config=a lxc=True', 'found lxc=True; the only value that is known is False'],
  ['script config=a NAME="x', 'found a quote that is not closed: NAME="x; close it with "'],
  ['script config=a NAME="x"y', 'found "y" right behind a closing quote; quote the whole value'],
  ['script config=a NAME=x"y"', 'found a quote within NAME=x"y"; quote the whole value'],
  [
    'script config=a NAME=$HOME',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Mojo's syntax
    'found shell syntax in NAME=$HOME; write ${NAME} or ${NAME:-default}; nothing else is known to work',
  ],
  [
    'script config=a NAME=$(date)',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Mojo's syntax
    'found shell syntax in NAME=$(date); write ${NAME} or ${NAME:-default}; nothing else is known to work',
  ],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Mojo's syntax
  ["script config=a NAME='${X}'", 'found $ in single quotes: ${X}; write double quotes'],
  ['secrets # copies them', 'found a comment after the phase; give it a line of its own'],
  [' secrets', 'found space at the beginning of the line; begin with the phase'],
  ['collect \\', 'found a backslash at the end; write the phase in one line'],
  ['nagios-check services=x', 'found services for nagios-check; leave it out: what it does is not known'],
  ['sleep config=a', 'found config=a; give a number of seconds'],
  ['', 'found no phase; write at least one'],
];
for (const [line, told] of mistakes) {
  test(`"${line}" is refused with what to write`, () => {
    const { problems } = parseManifest('manifest-x', line);
    assert.deepEqual(
      problems.map((problem) => showProblem(problem)),
      [`manifest-x:1: ${told}`],
    );
  });
}

test('all mistakes are told, each with its line', () => {
  const { problems } = parseManifest('manifest', 'secrets\nverify port=1 port=2\n\nbundel config=x\n');
  assert.deepEqual(
    problems.map(({ line, found }) => [line, found]),
    [
      [2, 'port for verify'],
      [2, 'port for verify'],
      [4, 'the phase bundel'],
    ],
  );
});

test('references expand from the environment, also within a word, and say what is missing', () => {
  const environment = { SERIES: 'noble', EMPTY: '' };
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: it is Mojo's syntax
  assert.deepEqual(expand('collect-${SERIES}.${X:-one}', environment), {
    text: 'collect-noble.one',
    missing: [],
  });
  assert.deepEqual(expand('${EMPTY:-two}${EMPTY}', environment), { text: 'two', missing: [] });
  assert.deepEqual(expand('a${X}b', environment), { text: 'ab', missing: ['X'] });
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: it is Mojo's syntax
});

/** Every command that a page shows exists, with the options, settings, actions and parameters that it is shown with. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { awaitedScripts } from './awaited.ts';
import { readCharm } from './charms.ts';
import { commandMistakes, type Knowledge } from './command-check.ts';
import { jujuCommands } from './juju-commands.ts';
import { allPages, type NamedPage } from './pages.ts';
import { npmScripts, programs } from './programs.ts';
import { commandsIn, plainWords } from './shell-words.ts';

let knowledge: Knowledge;

before(async () => {
  const charms = new Map([
    ['buildbot-master', readCharm('master')],
    ['buildbot-worker', readCharm('worker')],
  ]);
  knowledge = {
    programs: await programs(),
    scripts: new Set([...npmScripts(), ...awaitedScripts]),
    juju: jujuCommands,
    charms,
  };
});

interface Shown {
  readonly place: string;
  /** A command that is only named need not be whole. */
  readonly how: 'to type' | 'named';
  readonly words: readonly string[];
}

/** They begin with the name of a command or package, and are what a status says. */
const sentences = /^lpbuildbot-[a-z]+ (does not run|could not be)\b/;

/** What people type: blocks of shell, sessions after `$ `, and code in sentences that begins with a command of ours. */
function shownCommands({ path, blocks, spans }: NamedPage): Shown[] {
  const inBlocks = blocks.flatMap(({ info, text, line }) => {
    const shell =
      info === 'console' || (info === '' && /^\$ /m.test(text))
        ? typed(text)
        : /^(sh|)$/.test(info)
          ? text
          : '';
    return commandsIn(shell).map((command) => ({
      place: `${path}:${line + command.line}`,
      how: 'to type' as const,
      words: plainWords(command.words),
    }));
  });
  const inSentences = spans
    .filter(({ text }) => /^(juju|npm|lpbuildbot-[\w-]+) \S/.test(text) && !sentences.test(text))
    .flatMap(({ text, line }) =>
      commandsIn(text).map(({ words }) => ({
        place: `${path}:${line}`,
        how: 'named' as const,
        words: plainWords(words),
      })),
    );
  return [...inBlocks, ...inSentences].filter(({ words: [first = ''] }) =>
    /^(juju|npm|.*\blpbuildbot-[\w-]+)$/.test(first),
  );
}

/** Its commands, on the lines that they have in the page. */
function typed(text: string): string {
  let goesOn = false;
  return text
    .split('\n')
    .map((line) => {
      const command = line.startsWith('$ ') ? line.slice(2) : goesOn ? line : '';
      goesOn = command.endsWith('\\');
      return command;
    })
    .join('\n');
}

test('every command in the pages exists as it is shown', () => {
  const shown = allPages().flatMap(shownCommands);
  assert.ok(shown.length > 100, `${shown.length} commands`);
  const mistakes = shown.flatMap(({ place, how, words }) =>
    commandMistakes(words, knowledge, how).map((mistake) => `${place}: ${mistake} (${words.join(' ')})`),
  );
  assert.deepEqual(mistakes, []);
});

test('what is wrong with a command is told', () => {
  const told = (command: string): string[] => commandMistakes(command.split(' '), knowledge);
  assert.deepEqual(told('npm run pakc'), ['package.json has no script pakc']);
  assert.deepEqual(told('juju deplyo x'), ['juju deplyo is not known to test/docs/juju-commands.ts']);
  assert.deepEqual(told('juju status --wach=1s'), ['juju status has no option --wach']);
  assert.deepEqual(told('juju status --watch=1s'), ['juju status has no option --watch']);
  assert.deepEqual(told('juju status buildbot-master'), ['juju status takes 0 words, not 1']);
  assert.deepEqual(told('juju exec --unit buildbot-master/0 ls -l'), ['juju exec has no option -l']);
  assert.deepEqual(told('juju exec --unit buildbot-master/0 -- ls -l'), []);
  assert.deepEqual(told('juju scp buildbot-master/0:one . -r'), []);
  assert.deepEqual(told('juju config buildbot-master promotions=shadow'), [
    'lpbuildbot-master has no setting promotions',
  ]);
  assert.deepEqual(told('juju config buildbot-worker --reset images,imges'), [
    'lpbuildbot-worker has no setting imges',
  ]);
  assert.deepEqual(told('juju run buildbot-master/0 held branch=stable'), [
    'lpbuildbot-master has no action held',
  ]);
  assert.deepEqual(told('juju run buildbot-master/0 hold branch=stable who=ada whom=x'), [
    'the action hold of lpbuildbot-master has no parameter whom',
    'the action hold of lpbuildbot-master wants the parameter why',
  ]);
  assert.deepEqual(told('juju integrate buildbot-master:workers buildbot-worker:masters'), [
    'lpbuildbot-worker has no endpoint masters',
  ]);
  assert.deepEqual(told('juju deploy ./lpbuildbot-worker_amd64.charm buildbot-worker --resource deb=x'), [
    'lpbuildbot-worker has no resource deb',
  ]);
  assert.deepEqual(told('lpbuildbot-promotion stats'), ['lpbuildbot-promotion has no command stats']);
  assert.deepEqual(told('lpbuildbot-promotion hold --reason=x stable'), [
    'lpbuildbot-promotion hold has no option --reason',
  ]);
  assert.deepEqual(told('lpbuildbot-promotion explain'), [
    'lpbuildbot-promotion explain wants 1 words at least, not 0',
  ]);
  assert.deepEqual(told('lpbuildbot-run --imag focal -- true'), ['lpbuildbot-run has no option --imag']);
  assert.deepEqual(told('lpbuildbot-docter'), ['there is no command lpbuildbot-docter']);
  assert.deepEqual(told('lpbuildbot-run --image focal -- ls --nothing'), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandsIn, plainWords } from './shell-words.ts';

const words = (text: string): string[][] => commandsIn(text).map((command) => [...command.words]);

test('words are divided as a shell does, quotes and continued lines included', () => {
  assert.deepEqual(words('juju run a/0 hold why="the release of today" who=\'Ada L\''), [
    ['juju', 'run', 'a/0', 'hold', 'why=the release of today', 'who=Ada L'],
  ]);
  assert.deepEqual(words('juju deploy x \\\n  --to 1 # the second\nls'), [
    ['juju', 'deploy', 'x', '--to', '1'],
    ['ls'],
  ]);
});

test('lists and pipes are several commands, and what is substituted is one too', () => {
  assert.deepEqual(words('cd x && juju status | grep y; ls'), [
    ['cd', 'x'],
    ['juju', 'status'],
    ['grep', 'y'],
    ['ls'],
  ]);
  assert.deepEqual(words('juju config a secrets="$(juju add-secret s k#file=f)"'), [
    ['juju', 'add-secret', 's', 'k#file=f'],
    ['juju', 'config', 'a', 'secrets=$(juju add-secret s k#file=f)'],
  ]);
});

test('the text of a here document is not looked at, and lines keep their numbers', () => {
  const text = "cat > f <<'EOF'\nit's; not | shell\nEOF\n\njuju status";
  assert.deepEqual(commandsIn(text), [
    { words: ['cat', '>', 'f'], line: 0 },
    { words: ['juju', 'status'], line: 4 },
  ]);
});

test('assignments, sudo and redirections are no words of the command', () => {
  assert.deepEqual(plainWords(['A=b', 'sudo', 'juju', 'status', '>', 'f']), ['juju', 'status']);
});

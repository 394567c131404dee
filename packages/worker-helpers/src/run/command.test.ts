import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../command/testing.ts';
import command from './command.ts';

const refused = async (...argv: readonly string[]): Promise<string> => {
  const { code, err } = await runCommand(command, argv);
  assert.equal(code, 2);
  return err;
};

test('every mistake in the arguments is told, with what to write instead', async () => {
  const argv = [
    '--image',
    'Focal!',
    '--env',
    'novalue',
    '--cpus',
    '0',
    '--memory',
    '4',
    '--timeout',
    '2',
    '--',
    'x',
  ];
  const err = await refused(...argv);
  for (const name of ['image', 'env', 'cpus', 'memory', 'timeout'])
    assert.match(err, new RegExp(`--${name}`));
  assert.match(err, /4GiB/);
  assert.match(await refused('--image', 'focal', '--network', 'eth0', '--', 'x'), /it is not 'none'/);
});

test('without an image or a command there is nothing to run', async () => {
  assert.match(await refused('--', 'true'), /image/);
  assert.match(await refused('--image', 'focal'), /COMMAND/i);
});

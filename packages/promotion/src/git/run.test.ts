import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reasonIn } from './run.ts';

describe('why git failed', () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      "fatal: '/srv/demo.git' does not appear to be a git repository\n",
      "'/srv/demo.git' does not appear to be a git repository",
    ],
    [
      'bot@git.example: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n',
      'bot@git.example: Permission denied (publickey).',
    ],
    [
      'Load key "/etc/key": invalid format\nbot@git.example: Permission denied (publickey).\nfatal: Could not read from remote repository.\n',
      'Load key "/etc/key": invalid format; bot@git.example: Permission denied (publickey).',
    ],
    [
      'ssh: connect to host git.example port 22: Connection refused\r\nfatal: Could not read from remote repository.\n',
      'ssh: connect to host git.example port 22: Connection refused',
    ],
    ['fatal: Could not read from remote repository.\n', 'Could not read from remote repository.'],
    [
      "remote: busy\nfatal: unable to access 'https://git.example/': The requested URL returned error: 503\n",
      "unable to access 'https://git.example/': The requested URL returned error: 503",
    ],
    ['', ''],
  ];
  for (const [stderr, reason] of cases) {
    it(`is said as: ${reason}`, () => {
      assert.equal(reasonIn(stderr), reason);
    });
  }
});

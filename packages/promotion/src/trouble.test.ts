import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MirrorError } from './git/mirror.ts';
import { GitError } from './git/run.ts';
import { RemoteError } from './remote.ts';
import { kindOf, PushUnclear } from './trouble.ts';

const git = (command: string, stderr: string, why: GitError['why'] = 'exit') =>
  new GitError(why, command, '', stderr, stderr);
const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });

const cases: readonly (readonly [what: string, error: unknown, kind: ReturnType<typeof kindOf>])[] = [
  ['a host that is not there', git('ls-remote', 'ssh: Could not resolve hostname'), 'remote_unreachable'],
  ['a remote that hangs', git('ls-remote', '', 'timeout'), 'remote_unreachable'],
  ['a fetch that is cut off', git('fetch', 'fatal: early EOF'), 'remote_unreachable'],
  ['a token that is not good', new RemoteError('401'), 'remote_unreachable'],
  ['a limit of GitHub', new RemoteError('wait', 5), 'rate_limited'],
  ['a push without an answer', new PushUnclear('cut off'), 'push_unclear'],
  ['a copy that lacks something', new MirrorError('gone'), 'copy_damaged'],
  ['a copy that is damaged', git('rev-list', 'fatal: bad object'), 'copy_damaged'],
  ['a full disk under the copy', git('fetch', 'fatal: write error: No space left on device'), 'disk'],
  ['a full disk under the state', full, 'disk'],
  ['no git', git('init', 'ENOENT', 'not-started'), 'unexpected'],
  ['a mistake of ours', new TypeError('x is not a function'), 'unexpected'],
];
for (const [what, error, kind] of cases) {
  it(`${what} is ${kind}`, () => assert.equal(kindOf(error), kind));
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createGit, GitError } from '../src/git/run.ts';

const git = createGit({ PATH: process.env.PATH ?? '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' });
const alias = (command: string) => ['-c', `alias.try=!${command}`, 'try'];

describe('running git', () => {
  it('gives what it wrote, also when something in the background keeps its output open', async () => {
    // Without a limit this would take as long as the sleep.
    const began = performance.now();
    const { stdout } = await git.run(alias('echo done; sleep 300 &'), { timeoutMs: 200_000 });
    assert.equal(stdout, 'done\n');
    assert.ok(performance.now() - began < 150_000);
  });

  it('ends all of it at the time limit', async () => {
    await assert.rejects(
      git.run(alias('sleep 300 | cat'), { timeoutMs: 100 }),
      (error) => error instanceof GitError && error.why === 'timeout',
    );
  });

  it('takes an exit code for an answer only when it is told so', async () => {
    assert.equal((await git.run(alias('exit 3;'), { timeoutMs: 60_000, answers: [3] })).code, 3);
    await assert.rejects(
      git.run(alias("echo 'fatal: no such thing' >&2; exit 3;"), { timeoutMs: 60_000 }),
      (error) => error instanceof GitError && error.message === 'git try: no such thing',
    );
  });
});

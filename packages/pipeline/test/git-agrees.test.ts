/** What is said of git's branches and addresses, asked of git itself. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressFlaw } from '../src/address.ts';
import { isBranchName } from '../src/brands.ts';

function git(...args: string[]): { code: number | null; stderr: string } {
  const { status, stderr, error } = spawnSync('git', args, {
    encoding: 'utf8',
    // No transport is allowed, so git says which one it would use, and uses none.
    env: { ...process.env, GIT_ALLOW_PROTOCOL: 'none', GIT_CONFIG_GLOBAL: '/dev/null', LC_ALL: 'C' },
  });
  if (error) throw error;
  return { code: status, stderr };
}

test('a branch name is one that git makes a branch of', () => {
  const awkward = fc.constantFrom(
    'a',
    'b',
    '/',
    '.',
    '..',
    '-',
    '@',
    '@{',
    '.lock',
    '~',
    '^',
    ':',
    '?',
    '*',
    '[',
    '\\',
    ' ',
    '\x7f',
    '\t',
    'ü',
    'HEAD',
    'lock',
  );
  const names = fc.array(awkward, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(names, (name) => {
      const { code } = git('check-ref-format', `refs/heads/${name}`);
      // Beyond the form: what git takes for an option, for the current branch, or for `HEAD` itself.
      const special = name.startsWith('-') || name === '@' || name === 'HEAD';
      assert.equal(isBranchName(name), code === 0 && !special, name);
    }),
    { numRuns: 300 },
  );
});

test('an accepted address makes git use the transport that it names', () => {
  const transports: Record<string, string> = {
    'https://git.example.org/p': 'https',
    'http://git.example.org:8080/p.git': 'http',
    'ssh://bot@[::1]:2222/p': 'ssh',
    'git+ssh://bot@git.example.org/p': 'ssh',
    'ssh+git://bot@git.example.org/p': 'ssh',
    'git://git.example.org/p': 'git',
    'git@git.example.org:p.git': 'ssh',
    'git.example.org:/p': 'ssh',
    '[::1]:p': 'ssh',
    'file:///srv/p': 'file',
    '/': 'file',
  };
  for (const [address, transport] of Object.entries(transports)) {
    assert.equal(addressFlaw(address), undefined, address);
    const { stderr } = git('ls-remote', '--', address);
    assert.match(stderr, new RegExp(`transport '${transport}' not allowed`), address);
  }
});

test('an address that makes git run a program is refused', () => {
  for (const address of ['ext::sh -c "exit 1"', 'fd::17', 'nothing::x']) {
    assert.match(git('ls-remote', '--', address).stderr, /transport '(ext|fd|nothing)' not allowed/);
    assert.equal(addressFlaw(address), 'transport');
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AddressFlaw, addressFlaw, placeOf } from './address.ts';

test('addresses that may be given to git', () => {
  const addresses = [
    'https://git.launchpad.net/launchpad',
    'https://git.launchpad.net/~user/+git/launchpad',
    'http://127.0.0.1:8080/p.git',
    'https://[2001:db8::1]:8443/p',
    'https://example.org/@scope/p',
    'ssh://git.example.org/p',
    'ssh://bot@git.example.org:2222/~/p',
    'git+ssh://lp-buildbot@git.launchpad.net/launchpad',
    'ssh+git://bot@git.example.org/p',
    'git://git.example.org/p',
    'git@github.com:canonical/launchpad.git',
    'github:canonical/launchpad',
    '[::1]:p',
    'file:///srv/git/p',
    '/srv/git/p',
    '/srv/my project/p:1',
  ];
  for (const address of addresses) assert.equal(addressFlaw(address), undefined, address);
});

const refused: Record<AddressFlaw, string[]> = {
  blank: ['', ' /srv/p', '/srv/p ', '/srv/p\n', 'https://example.org/\tp', '/srv/\0p', '/srv/\u0085p'],
  option: ['-p', '--upload-pack=touch /tmp/x', '-o/srv/p'],
  transport: ['ext::sh -c "touch /tmp/x"', 'fd::17', 'EXT::x', 'bzr::lp:p', '::x', 'git@host::p'],
  credentials: [
    'https://user:password@example.org/p',
    'https://token@example.org/p',
    'https://user%3Apassword@example.org/p',
    'http://:x@example.org/p',
    'git://user@example.org/p',
    'ssh://user:password@example.org/p',
    'user:password@example.org:p',
    'file://user:password@/srv/p',
  ],
  query: ['https://example.org/p?private_token=x', 'https://example.org/p#x', 'https://example.org?x/p'],
  scheme: [
    'ftp://example.org/p',
    'HTTPS://example.org/p',
    'http:/example.org/p',
    'file:p',
    'ssh:p',
    '://example.org/p',
  ],
  host: [
    'ssh://-oProxyCommand=x/p',
    'ssh://-x@example.org/p',
    'ssh://example.org:0/p',
    'ssh://example.org:99999/p',
    'https:///p',
    'https://ex ample.org/p',
    'user@-x:p',
    'https://user:pass/word@example.org/p',
  ],
  path: [
    'https://example.org',
    'https://example.org/',
    'ssh://example.org/-p',
    'git@example.org:-p',
    'git@example.org:',
    'file://host/p',
    'file://p',
    'git@example.org:a b',
  ],
  relative: ['p', '../p', './p', '~/p', 'example.org/p', '~user'],
  long: [`/${'x'.repeat(600)}`],
};

for (const [flaw, addresses] of Object.entries(refused)) {
  test(`addresses refused as: ${flaw}`, () => {
    for (const address of addresses) assert.equal(addressFlaw(address), flaw, JSON.stringify(address));
  });
}

test('one repository has one place, however it is written', () => {
  const same = [
    'https://git.example.org/team/p',
    'https://GIT.example.org:443/team/p.git/',
    'http://git.example.org:80/team/p',
    'git+ssh://bot@git.example.org/team/p',
    'ssh://git.example.org:22//team/p.git',
    'git@git.example.org:team/p.git',
    'git.example.org:/team/p',
  ];
  assert.deepEqual([...new Set(same.map(placeOf))], ['git.example.org/team/p']);
  assert.equal(placeOf('file:///srv/p/'), placeOf('/srv/p'));
});

test('different repositories have different places', () => {
  const different = [
    '/srv/p',
    '/srv/p.git',
    'https://a.org/p',
    'https://a.org:8443/p',
    'https://b.org/p',
    'https://a.org/q',
    '/',
  ];
  assert.equal(new Set(different.map(placeOf)).size, different.length);
});

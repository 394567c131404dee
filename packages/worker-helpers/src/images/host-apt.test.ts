import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AptEntry, entriesOfSuite, keyringsOf, parseAptSources, printAptSources } from './host-apt.ts';

const debian = `Types: deb deb-src
# a comment
URIs: http://deb.debian.org/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://off.example.org
Suites: bookworm
Components: main
`;
const lines = `# deb http://commented.example.org bookworm main
deb [arch=amd64 signed-by=/etc/apt/keyrings/sec.gpg] http://security.debian.org bookworm-security main
deb-src http://deb.debian.org/debian bookworm main
deb https://vendor.example.org bookworm-vendor main # theirs
`;

describe('the apt sources of this machine', () => {
  const entries = parseAptSources([
    { name: 'sources.list', text: lines },
    { name: 'debian.sources', text: debian },
  ]);

  it('gives an image what belongs to its suite, and no vendor', () => {
    assert.equal(
      printAptSources(entriesOfSuite(entries, 'bookworm', undefined)),
      `Types: deb
URIs: http://security.debian.org
Suites: bookworm-security
Components: main
Signed-By: /etc/apt/keyrings/sec.gpg

Types: deb
URIs: http://deb.debian.org/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`,
    );
  });

  it('has nothing for a suite that it does not know', () => {
    assert.deepEqual(entriesOfSuite(entries, 'trixie', undefined), []);
  });

  it('takes only the components that are wanted', () => {
    const wanted = entriesOfSuite(entries, 'bookworm', ['contrib']);
    assert.deepEqual(
      wanted.map(({ suites, components }) => [suites, components]),
      [[['bookworm', 'bookworm-updates'], ['contrib']]],
    );
  });

  it('names the keyrings that an image needs', () => {
    assert.deepEqual(keyringsOf(entries), [
      '/etc/apt/keyrings/sec.gpg',
      '/usr/share/keyrings/debian-archive-keyring.gpg',
    ]);
  });

  it('keeps a key that stands in the file itself', () => {
    const key = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n-----END PGP PUBLIC KEY BLOCK-----';
    const entry: AptEntry = { uris: ['http://a'], suites: ['b'], components: ['main'], signedBy: key };
    const text = printAptSources([entry]);
    assert.match(text, /Signed-By:\n -----BEGIN[^\n]*\n \.\n mDME\n/);
    assert.deepEqual(parseAptSources([{ name: 'x.sources', text }]), [entry]);
  });

  it('reads what it prints', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9/.-]{0,12}$/);
    const words = fc.array(word, { minLength: 1, maxLength: 3 });
    const entry = fc.record(
      {
        uris: words,
        suites: words,
        components: words,
        signedBy: fc.oneof(
          fc.constant(''),
          word.map((name) => `/${name}`),
        ),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 4 }), (some) => {
        assert.deepEqual(parseAptSources([{ name: 'x.sources', text: printAptSources(some) }]), some);
      }),
    );
  });
});

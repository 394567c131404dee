import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BootstrapPaths, bootstrapOf } from './archive.ts';
import type { AptEntry } from './host-apt.ts';
import type { Archive } from './recipes/model.ts';

const paths: BootstrapPaths = {
  rootfs: '/work/rootfs.tar',
  hook: '/work/hook.sh',
  keyring: '/work/archive',
};
const host: readonly AptEntry[] = [
  {
    uris: ['http://mirror.internal/debian'],
    suites: ['bookworm', 'bookworm-updates'],
    components: ['main'],
    signedBy: '/etc/apt/keyrings/site.gpg',
  },
];
const archive: Archive = {
  suite: 'bookworm',
  mirror: undefined,
  components: undefined,
  pockets: [],
  keyring: undefined,
  variant: 'minbase',
  architecture: undefined,
};

describe('a root file system from the archive', () => {
  it("comes from this machine's apt sources, and finds their key at the same place", () => {
    const { args, sources, hook } = bootstrapOf(archive, host, paths);
    assert.match(sources, /^URIs: http:\/\/mirror\.internal\/debian\nSuites: bookworm bookworm-updates$/m);
    assert.deepEqual(args.slice(-3), ['bookworm', '/work/rootfs.tar', '-']);
    assert.match(
      hook,
      /install -D -m 0644 '\/etc\/apt\/keyrings\/site\.gpg' "\$1"'\/etc\/apt\/keyrings\/site\.gpg'/,
    );
  });

  it('has the resolver where the release has a package of it, and does not wait for the disk after each file', () => {
    const { args } = bootstrapOf(archive, host, paths);
    const included = args.filter((argument) => argument.startsWith('--include='));
    // mmdebstrap takes a list or one pattern.
    assert.equal(included.length, 2);
    assert.ok(included.includes('--include=?and(?exact-name(systemd-resolved),?not(?virtual))'));
    assert.ok(args.includes('--dpkgopt=force-unsafe-io'));
  });

  it('comes from a mirror of its own, with its key under a name of its own', () => {
    const keyring = { content: Buffer.from('key'), extension: 'gpg' } as const;
    const own = {
      ...archive,
      suite: 'noble',
      mirror: 'http://ports.internal/ubuntu',
      pockets: ['updates'],
      keyring,
    };
    const { sources, hook } = bootstrapOf(own, host, paths);
    assert.equal(
      sources,
      `Types: deb
URIs: http://ports.internal/ubuntu
Suites: noble noble-updates
Components: main
Signed-By: /work/archive.gpg
`,
    );
    assert.match(
      hook,
      /install -D -m 0644 '\/work\/archive\.gpg' "\$1"'\/etc\/apt\/keyrings\/lpbuildbot-archive\.gpg'/,
    );
    assert.match(hook, /sed -i 's\|\/work\/archive\.gpg\|\/etc\/apt\/keyrings\/lpbuildbot-archive\.gpg\|'/);
  });

  it('has no sources for a suite that this machine does not know', () => {
    assert.equal(bootstrapOf({ ...archive, suite: 'noble' }, host, paths).sources, '');
  });
});

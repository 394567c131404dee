/**
 * A root file system from the archive, by mmdebstrap(1): where its packages come from, and how it is called. Where the
 * recipe names no mirror, that is this machine's own apt sources, so that an image comes from where everything else here
 * comes from.
 */

import { archiveScript, quoted } from './guest-scripts.ts';
import { type AptEntry, entriesOfSuite, keyringsOf, printAptSources } from './host-apt.ts';
import type { Archive } from './recipes/model.ts';

/** What every build needs of an image, where the variant does not have it already. */
const needed = ['ca-certificates', 'dbus', 'iproute2', 'netbase', 'systemd-sysv', 'udev'];

/** As a pattern (apt-patterns(7)), which may match nothing: older releases have it in the package systemd. */
const resolver = '?and(?exact-name(systemd-resolved),?not(?virtual))';

export interface Bootstrap {
  /** Arguments for mmdebstrap, which takes the apt sources on standard input. */
  readonly args: readonly string[];
  readonly sources: string;
  /** A hook of mmdebstrap, to be written to `hookPath`. */
  readonly hook: string;
}

export interface BootstrapPaths {
  /** The tar file to be made. */
  readonly rootfs: string;
  readonly hook: string;
  /** Where the recipe's keyring is to be written, if it has one; without its extension. */
  readonly keyring: string;
}

/** Empty when this machine's apt sources do not have the suite and the recipe names no mirror. */
export function archiveEntries(archive: Archive, host: readonly AptEntry[], keyring: string): AptEntry[] {
  const { suite, mirror, components, pockets } = archive;
  if (mirror === undefined) return entriesOfSuite(host, suite, components);
  const suites = [suite, ...pockets.map((pocket) => `${suite}-${pocket}`)];
  return [{ uris: [mirror], suites, components: components ?? ['main'], signedBy: keyring }];
}

export function bootstrapOf(archive: Archive, host: readonly AptEntry[], paths: BootstrapPaths): Bootstrap {
  const { suite, variant, architecture, keyring } = archive;
  const outside = keyring === undefined ? '' : `${paths.keyring}.${keyring.extension}`;
  const entries = archiveEntries(archive, host, outside);
  return {
    args: [
      // For root too: its mounts and processes then end with it, however that ends.
      '--mode=unshare',
      '--format=tar',
      `--variant=${variant}`,
      ...(architecture === undefined ? [] : [`--architectures=${architecture}`]),
      `--include=${needed.join(',')}`,
      `--include=${resolver}`,
      // dpkg would wait for the disk after each file of a tree that is only there to be packed.
      '--dpkgopt=force-unsafe-io',
      `--customize-hook=sh ${quoted(paths.hook)} "$1"`,
      suite,
      paths.rootfs,
      '-',
    ],
    sources: printAptSources(entries),
    hook: hookOf(keyringsOf(entries), outside),
  };
}

/** The image finds the keys where its apt sources say; those of the recipe itself under a name of its own. */
function hookOf(keyrings: readonly string[], own: string): string {
  const inside = `/etc/apt/keyrings/lpbuildbot-archive${own.slice(own.lastIndexOf('.'))}`;
  const copies = keyrings.flatMap((path) => {
    const target = path === own ? inside : path;
    return [`[ -e "$1"${quoted(target)} ] || install -D -m 0644 ${quoted(path)} "$1"${quoted(target)}`];
  });
  return [
    'set -e',
    ...copies,
    ...(own === '' ? [] : [renaming(own, inside)]),
    `chroot "$1" /bin/sh -s <<'LPBUILDBOT_END'`,
    archiveScript,
    'LPBUILDBOT_END',
    '',
  ].join('\n');
}

function renaming(from: string, to: string): string {
  return `for file in "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/*; do
  if [ -e "$file" ]; then sed -i 's|${from}|${to}|' "$file"; fi
done`;
}

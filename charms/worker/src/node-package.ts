/**
 * The package lpbuildbot-node, made on the machine from the Node.js that the charm carries: so the one resource worker-deb is enough where no repository has a
 * Node.js that is new enough.
 */
import type { Machine } from './machine.ts';
import { steps } from './messages.ts';
import { carriedNode, packages, places } from './places.ts';
import type { Problem } from './report.ts';

const control = (architecture: string): string => `Package: ${packages.node}
Version: ${carriedNode.version}
Architecture: ${architecture}
Maintainer: Launchpad developers <launchpad-dev@lists.launchpad.net>
Depends: libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 8)
Section: devel
Priority: optional
Description: Node.js for lpbuildbot-worker
 Made by the charm lpbuildbot-worker from the Node.js that it carries.
`;

/** @returns the path of the package, below a directory that is to be removed. */
export async function makeNodePackage(
  machine: Machine,
  architecture: string,
  charmDirectory: string,
): Promise<{ readonly kind: 'made'; readonly path: string; readonly directory: string } | Problem> {
  // Not in /run, which is memory: Node.js is large.
  const directory = `${places.state}/node`;
  const tree = `${directory}/tree`;
  const path = `${directory}/${packages.node}.deb`;
  await machine.remove(directory);
  await machine.write(`${tree}/DEBIAN/control`, control(architecture), 0o644);
  const copies = [
    ['lib/node', 'usr/lib/lpbuildbot/bin/node', '0755'],
    ['lib/LICENSE.node', `usr/share/doc/${packages.node}/copyright`, '0644'],
  ] as const;
  for (const [from, to, mode] of copies) {
    const copied = await machine.run([
      'install',
      '-D',
      '-m',
      mode,
      `${charmDirectory}/${from}`,
      `${tree}/${to}`,
    ]);
    if (copied.code !== 0) return failed(copied.stderr);
  }
  const built = await machine.run(['dpkg-deb', '--root-owner-group', '-Znone', '--build', tree, path]);
  return built.code === 0 ? { kind: 'made', path, directory } : failed(built.stderr);
}

function failed(why: string): Problem {
  return { kind: 'failed', sentence: steps.installFailed(packages.node, why) };
}

/** What packing says to people. */

const lastLines = (output: string): string => output.trimEnd().split('\n').slice(-25).join('\n');

export const packFailed = (output: string): string => `dpkg-buildpackage failed:\n${lastLines(output)}`;

export const packVersionsDiffer = (changelog: string | undefined, manifest: string): string =>
  `debian/changelog begins with version ${changelog ?? '(none)'}, packages/worker-helpers/package.json says ${manifest}: make them the same.`;

export const packNodeFailed = (name: string, why: string): string =>
  `${name} could not be had from npm: ${why.trim()}`;

export const packToolsMissing = (packages: readonly string[]): string =>
  `building packages needs ${packages.join(', ')}: install with your package manager (Debian and Ubuntu: apt-get install ${packages.join(' ')}), then run this again.`;

export const packed = (file: string, bytes: number): string =>
  `${(bytes / 1e6).toFixed(1).padStart(6)} MB  ${file}`;

export const packing = (what: string): string => `packing ${what}`;

export const packUsage = `Usage: npm run pack [-- OPTION...]

Packs what ships into dist/.

  --arch ARCHITECTURE  amd64 or arm64; this machine's by default
  --out DIRECTORY      somewhere else than dist/
  --helpers-only       of the packages for workers only lpbuildbot-worker, not the Node.js beside it
  --help               show this
`;

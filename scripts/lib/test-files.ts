/** Which test files `npm test` runs. */

/** Tests under these directories need root and LXD; they have commands of their own (`npm run test:deb`, `npm run test:deploy`). */
const otherCommands = ['test/deb/', 'test/deploy/'];

const homes = ['packages/', 'charms/', 'scripts/', 'test/'];

/** Those of `paths` (relative to the repository) that `npm test` runs; with patterns, only those whose path contains one. */
export function chooseTestFiles(paths: readonly string[], patterns: readonly string[] = []): string[] {
  return paths
    .filter((path) => path.endsWith('.test.ts') && !path.split('/').includes('node_modules'))
    .filter((path) => homes.some((home) => path.startsWith(home)))
    .filter((path) => !otherCommands.some((directory) => path.startsWith(directory)))
    .filter((path) => patterns.length === 0 || patterns.some((pattern) => path.includes(pattern)))
    .sort();
}

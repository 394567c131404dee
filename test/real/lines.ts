/** The branches of Launchpad's flow, and the builder of each development branch. */

export const lines = [
  { dev: 'master', stable: 'stable', builder: 'tests' },
  { dev: 'db-devel', stable: 'db-stable', builder: 'db-tests' },
] as const;

export type Line = (typeof lines)[number];

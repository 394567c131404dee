/** What the comparison on real input says while it goes on and when it ends. */

export interface Fed {
  readonly label: string;
  readonly branch: string;
  readonly built: string;
  readonly stable: string;
  /** What the stable branch is at. */
  readonly at: string;
}

export const messages = {
  since: (milliseconds: number): string => `${(milliseconds / 1000).toFixed(0).padStart(4)} s`,
  downloaded: (count: number): string => `${count} source distributions downloaded`,
  missing: (project: string, version: string, reason: string): string =>
    `${project} ${version} cannot be had from the package index that pip is configured for: ${reason}`,
  fed: (index: number, total: number, { label, branch, built, stable, at }: Fed): string =>
    `[${index}/${total}] ${label} on ${branch}: ${built}; ${stable} is at ${at}`,
  runsDirectly: (branch: string, count: number): string =>
    `running the tests of ${count} revisions of ${branch} directly`,
  ranDirectly: (branch: string, done: number, total: number): string =>
    `${done} of ${total} revisions of ${branch} run directly`,
  line: (dev: string, stable: string, passing: number, failing: number, moves: number): string =>
    `${dev}, run directly: ${passing} pass, ${failing} fail; moves of ${stable}: ${moves}`,
  outcome: (passed: number, failed: number): string => `${passed} passed, ${failed} failed`,
  colours: (branch: string): string => `${branch} has revisions that pass and revisions that fail`,
  oneColour: (branch: string): string =>
    `all revisions of ${branch} are alike, so this comparison tells nothing`,
  mistake: (what: string, mistake: string): string => `failed: ${what}\n  ${mistake}`,
};

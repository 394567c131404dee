/** Every sentence that the project's own commands say to people, so that one reading shows whether they are good. */

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

export const checkLine = (name: string, verdict: 'ok' | 'failed', milliseconds: number): string =>
  `${verdict.padEnd(7)} ${name} (${seconds(milliseconds)})`;

export const checkOutput = (name: string, output: string): string => `\n--- ${name}\n${output.trimEnd()}`;

export const checkOutcome = (failed: readonly string[], total: number): string =>
  failed.length === 0
    ? `all ${total} checks passed`
    : `${failed.length} of ${total} failed: ${failed.join(', ')}`;

export const nothingMatches = (patterns: readonly string[]): string =>
  `no test file's path contains ${patterns.map((pattern) => `"${pattern}"`).join(' or ')}.`;

export const noTestFile = 'there is no test file.';

export const noTestRan = 'no test ran.';

export const stillRunning = (paths: readonly string[], milliseconds: number): string =>
  `still running after ${Math.round(milliseconds / 1000)} s: ${paths.join(', ')}`;

export const fileHeader = (index: number, total: number, path: string, milliseconds: number): string =>
  `\n[${index}/${total}] ${path} (${seconds(milliseconds)})`;

export const neverEnded = (milliseconds: number): string =>
  `it did not end within ${Math.round(milliseconds / 60_000)} minutes and was killed.`;

export const endedWithoutReport = (how: string): string => `it ended without a report (${how}).`;

export const leftProcesses = (processes: readonly string[]): string =>
  `it left processes running, now killed: ${processes.join('; ')}`;

export const leftFiles = (names: readonly string[]): string =>
  `it left files in the temporary directory: ${names.join(', ')}`;

export const failedFile = (path: string, names: readonly string[]): string =>
  `failed: ${path}${names.map((name) => `\n  ${name}`).join('')}`;

export const testOutcome = (counts: { passed: number; failed: number; skipped: number }): string =>
  `${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`;

export const installing = (packages: readonly string[]): string =>
  `lpbuildbot: installing ${packages.join(', ')} for the tests (once; no service is started)`;

export const installFailed = (packages: readonly string[], output: string): string =>
  `lpbuildbot: apt-get could not install ${packages.join(', ')}: ${output.trim().split('\n').at(-1) ?? ''}`;

export const installByHand = (packages: readonly string[]): string =>
  `lpbuildbot: the tests need ${packages.join(', ')}: install with your package manager (Debian and Ubuntu: apt-get install ${packages.join(' ')}), then run this again.`;

export const skippedWithout = (packages: readonly string[]): string =>
  `lpbuildbot: some tests are skipped without ${packages.join(', ')}: install with your package manager (Debian: apt-get install ${packages.join(' ')}) to run them.`;

export const lxdNeedsRoot =
  'lpbuildbot: this needs LXD, and only root may set it up: run it again as root (sudo).';

export const lxdNeedsDebian = (packages: readonly string[]): string =>
  `lpbuildbot: this needs LXD, and there is no apt-get to install it with: install ${packages.join(', ')} (or LXD's snap), then run this again.`;

export const lxdHasNoSubnet =
  "lpbuildbot: every private IPv4 subnet is reachable from this machine already, so there is none left for LXD's bridge: make one with `lxc network create lxdbr0 ipv4.address=ADDRESS/24`, then run this again.";

export const lxdStepFailed = (step: string, output: string): string =>
  `lpbuildbot: LXD could not be set up: \`${step}\` failed: ${output.trim().split('\n').at(-1) || 'it said nothing'}`;

export const lxdReady = (version: string, address: string): string =>
  `lpbuildbot: LXD ${version} is ready${address === '' ? '' : ` (bridge lxdbr0, ${address})`}`;

export const docsWritten = (path: string): string => `wrote ${path}`;

/** Every sentence of this package that people read. */

/** Debian's and Ubuntu's Python comes without the module that makes environments. */
const NO_ENSUREPIP = /No module named '?(ensurepip|venv)/;

export const messages = {
  pythonMissing: (python: string) =>
    `Python is missing: ${python} cannot be run. Install Python 3.11, 3.12 or 3.14.`,
  pythonUnsupported: (version: string) =>
    `Python ${version} is not supported: Buildbot is locked for Python 3.11, 3.12 and 3.14.`,
  venvWaiting: () => 'waiting for another process that is installing Buildbot',
  venvCreating: () => 'making a Python environment for Buildbot',
  venvInstalling: (wheels: string | undefined) =>
    wheels === undefined
      ? 'installing Buildbot from PyPI (once, about 15 s)'
      : `installing Buildbot from ${wheels}`,
  venvFailed: (output: string, wheels: string | undefined) => {
    if (NO_ENSUREPIP.test(output)) {
      return "Python's venv module is missing: install it (on Debian and Ubuntu: apt install python3-venv).";
    }
    const source =
      wheels === undefined
        ? 'PyPI (or the index pip is configured for) must be reachable once'
        : `${wheels} must hold every wheel of the lock`;
    return `Buildbot cannot be installed: ${lastError(output)}. ${source}.`;
  },

  configurationRefused: (output: string) =>
    `Buildbot refuses the configuration: ${configurationErrors(output)}`,
  reloadRefused: (lines: string) =>
    `the running master did not take the configuration and keeps its own: ${lines}`,
  reloadTimedOut: (seconds: number) =>
    `the running master said nothing of the configuration for ${seconds} s and may not have taken it`,
  masterNotRunning: (pid: number) => `no master runs as process ${pid}`,

  notConfigured: (directory: string) => `${directory} holds no configured master`,
  upgradeFailed: (output: string) => `Buildbot's database cannot be prepared: ${lastLine(output)}`,
  alreadyRunning: (directory: string) => `another process already runs in ${directory}`,
  portInUse: (address: string) =>
    `port ${address} is in use by another program: end that one, or choose another port`,
  masterFailed: (directory: string, output: string) =>
    `Buildbot did not start in ${directory}. Its log ends with:\n${lastLines(output, 40)}`,
  startTimedOut: (directory: string, seconds: number, output: string) =>
    `Buildbot in ${directory} was not up after ${seconds} s. Its log ends with:\n${lastLines(output, 40)}`,
};

function lastError(output: string): string {
  const lines = nonEmptyLines(output);
  const error = lines.findLast((line) => line.startsWith('ERROR:')) ?? lines.at(-1) ?? 'pip gave no reason';
  return error.replace(/^ERROR:\s*/, '').replace(/\.$/, '');
}

function lastLine(output: string): string {
  return nonEmptyLines(output).at(-1) ?? 'it gave no reason';
}

function lastLines(output: string, count: number): string {
  return nonEmptyLines(output).slice(-count).join('\n');
}

/** What `buildbot checkconfig` printed below its headline, or its last line when it ended in another way. */
function configurationErrors(output: string): string {
  const [, errors] = output.split('Configuration Errors:\n');
  if (errors === undefined) return lastLine(output);
  return nonEmptyLines(errors)
    .map((line) => line.trim())
    .join('; ');
}

function nonEmptyLines(output: string): string[] {
  return output.split('\n').filter((line) => line.trim() !== '');
}

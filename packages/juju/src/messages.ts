/** Every sentence that this package says to people, in one place. */

export const messages = {
  toolFailed: (command: readonly string[], code: number, stderr: string) =>
    `${shown(command)}: exit code ${code}: ${stderr.trim() === '' ? 'nothing on stderr' : stderr.trim()}`,
  toolOutputWrong: (command: readonly string[], problem: string) =>
    `${shown(command)}: unexpected output: ${problem}`,
  toolUnavailable: (tool: string, reason: string) => {
    if (reason === 'ENOENT')
      return `${tool}: no such hook tool; this must run in a hook or an action of Juju`;
    if (reason === 'E2BIG') return `${tool}: the arguments are longer than the system allows`;
    return `${tool}: could not be run to its end (${reason})`;
  },
  unsendable: (tool: string, reason: string) => `${tool}: ${reason}`,
  nulInArgument: 'a NUL character cannot be given as an argument',
  loneSurrogate: 'the text is not valid Unicode (it has half of a surrogate pair)',
  emptyDatabagKey: 'a databag has no empty key',
  secretKey: (key: string) =>
    `${JSON.stringify(key)} is not a key of a secret: three or more of a-z, 0-9 and single hyphens, a letter first`,
  emptySecret: 'a secret must have at least one key',
  resultKey: (key: string) =>
    `${JSON.stringify(key)} is not a key of an action's results: a-z, 0-9 and inner hyphens, and none of stdout, stderr, stdout-encoding, stderr-encoding`,
  notAHook: (problems: readonly string[]) => `not started by Juju: ${problems.join('; ')}`,
  variableMissing: (name: string) => `${name} is not set`,
  variableWrong: (name: string, problem: string) => `${name}: ${problem}`,
  dispatchPathWrong: (path: string) =>
    `JUJU_DISPATCH_PATH is ${JSON.stringify(path)}, not hooks/NAME or actions/NAME`,

  hookFailed: (hook: string, error: unknown) => `hook ${hook} failed: ${described(error)}`,
  actionFailed: (action: string, error: unknown) => `action ${action} failed: ${described(error)}`,
  /** One line, for the person who ran the action. */
  actionFailedShort: (error: unknown) =>
    `${error instanceof Error ? error.message : String(error)} (details in the unit's log)`,
  noSuchAction: (action: string) => `this charm has no action ${action}`,
  notLogged: (error: unknown) => `juju-log failed: ${described(error)}`,
};

/** A command as one would type it; long arguments are cut, for a log is read by people. */
function shown(command: readonly string[]): string {
  return command
    .map((word) => (word.length > 200 ? `${word.slice(0, 200)}…` : word))
    .map((word) => (/^[\w@%+=:,./…-]+$/.test(word) ? word : JSON.stringify(word)))
    .join(' ');
}

/** The error with its stack and its causes. */
function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? text : `${text}\ncaused by: ${described(error.cause)}`;
}

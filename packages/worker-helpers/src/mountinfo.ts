/** The text of /proc/PID/mountinfo (proc_pid_mountinfo(5)). */

/** A path as it stands there, where spaces and the like are octal, as it is. */
export const plainPath = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

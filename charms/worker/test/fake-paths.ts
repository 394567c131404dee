/** Where the worker's package keeps what the fake machine has to know of. */
export const workerSettingsPath = '/var/lib/buildbot/slaves/buildbot.tac';

export type { Address, MasterWorker, Site } from './configuration-files.ts';
export { type ConfigureOutcome, configureMaster, type MasterConfiguration } from './configure-master.ts';
export { formatLogins, hashPassword } from './logins.ts';
export { type Master, type StartOutcome, startMaster } from './master.ts';
export { ensureVenv, type VenvOutcome } from './venv.ts';
export { createWorker, startWorker, type Worker } from './worker.ts';

export { type Config, ConfigError, loadConfig } from './config.ts';
export { type Daemon, startDaemon } from './daemon.ts';

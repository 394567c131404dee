/**
 * A small typed client of LXD's REST API (5.0 to 6.x, Debian's package and the snap). Everything takes the connection first;
 * whatever goes wrong is an `LxdError`, which the commands tell as a sentence; `problem.kind` says what it is.
 */
export { type Lxd, openLxd } from './connection.ts';
export { type Command, exec, type Running, type Sink, warmExec } from './exec.ts';
export * from './images.ts';
export * from './instances.ts';
export * from './names.ts';
export { cancel, type Waiting, waitFor } from './operations.ts';
export { isAlive, type Owner, ownerHere, ownerText, parseOwner } from './owner.ts';
export { isProblem, LxdError, type LxdProblem } from './problem.ts';
export type {
  Alias,
  Image,
  Instance,
  InstanceState,
  Network,
  Pool,
  PoolResources,
  Profile,
  Server,
} from './schemas.ts';
export * from './surroundings.ts';

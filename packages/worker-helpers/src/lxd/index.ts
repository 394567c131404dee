/**
 * A small typed client of LXD's REST API (5.0 to 6.x, Debian's package and the snap). Everything takes the connection first;
 * whatever goes wrong is an `LxdError`, which the commands tell as a sentence; `problem.kind` says what it is.
 */
export { type Lxd, openLxd } from './connection.ts';
export { exec, type Running, type Sink, warmExec } from './exec.ts';
export * from './images.ts';
export * from './instances.ts';
export * from './names.ts';
export { isAlive, type Owner, ownerHere, ownerText, parseOwner } from './owner.ts';
export { isProblem, LxdError } from './problem.ts';
export type { Image, Instance, Network } from './schemas.ts';
export * from './surroundings.ts';

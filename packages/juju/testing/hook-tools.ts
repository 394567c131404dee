/**
 * The fake's inside, for whoever serves hook tools to processes (the rig of test/): begin a hook on a state, answer its calls, and
 * end it. `Context` does the same for a charm that runs in this process.
 */
export type { Charmcraft } from './charmcraft.ts';
export { environmentOf } from './environment.ts';
export { type End, finishHook } from './fake/finish.ts';
export { beginHook, type Hook } from './fake/hook.ts';
export { fakeRunner, toolNames } from './fake/runner.ts';

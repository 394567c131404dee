/**
 * Juju's hook tools for machine charms: a function for each tool, with the tool's name and the runner as first argument; what a
 * charm must expect (`not-leader`, `gone`, `not-found`, `denied`) comes back as a value, everything else is thrown. Databags and
 * secrets never stand on a command line. A charm is one function for all hooks and one for each action:
 *
 *     import * as z from 'zod';
 *     import {
 *       actionLog,
 *       type Charm,
 *       configGet,
 *       relationIds,
 *       setDatabag,
 *       setPorts,
 *       statusSet,
 *     } from '@lpbuildbot/juju';
 *
 *     export const charm: Charm = {
 *       hook: async ({ run, context }) => {
 *         const { port } = z.object({ port: z.int() }).parse(await configGet(run));
 *         await setPorts(run, [{ protocol: 'tcp', from: port, to: port }]);
 *         for (const relation of await relationIds(run, 'website')) {
 *           await setDatabag(run, relation, { kind: 'unit', unit: context.unit }, { port: String(port) });
 *         }
 *         await statusSet(run, { status: 'active', message: `on port ${port}` });
 *       },
 *       actions: {
 *         greet: async ({ run }, parameters) => {
 *           const { name } = z.object({ name: z.string() }).parse(parameters);
 *           if (name === 'nobody') return { kind: 'failed', message: 'there is nobody to greet' };
 *           await actionLog(run, `greeting ${name}`);
 *           return { kind: 'done', results: { greeting: `hello ${name}` } };
 *         },
 *       },
 *     };
 *
 * Its `main.ts` is `process.exitCode = await dispatch(charm);`. How it is tested stands in `testing/index.ts`.
 */
export {
  type ActionParameters,
  type ActionResults,
  actionFail,
  actionGet,
  actionLog,
  actionSet,
} from './actions.ts';
export { applicationVersionSet } from './application-version.ts';
export { configGet, type Settings } from './config.ts';
export { type Environment, type JujuContext, readContext } from './context.ts';
export { type Cloud, credentialGet } from './credential.ts';
export { type Databag, databagChanges } from './databag.ts';
export {
  type Action,
  type ActionOutcome,
  type Charm,
  dispatch,
  type Juju,
  type Surroundings,
} from './dispatch.ts';
export {
  HookToolError,
  HookToolOutputError,
  HookToolUnavailableError,
  NotAHookError,
  UnsendableError,
} from './errors.ts';
export type { JujuEvent } from './event.ts';
export { type GoalState, goalState } from './goal-state.ts';
export { isLeader } from './leadership.ts';
export { jujuLog, type LogLevel } from './log.ts';
export {
  applicationOf,
  type RelationId,
  relationIdSchema,
  type SecretUri,
  type StorageId,
  secretId,
  secretUriSchema,
  storageIdSchema,
  type UnitName,
  unitNameSchema,
} from './names.ts';
export { type Network, networkGet, unitGet } from './network.ts';
export { type PortRange, parsePortRange, portRangeText } from './port-range.ts';
export { closePort, type OpenedPort, openedPorts, openPort, type PortChanges, setPorts } from './ports.ts';
export { jujuReboot } from './reboot.ts';
export {
  type DatabagOwner,
  type DatabagReading,
  relationApplication,
  relationGet,
  relationIds,
  relationList,
  relationModelGet,
  relationSet,
  setDatabag,
} from './relations.ts';
export { resourceGet } from './resources.ts';
export { type Runner, runHookTool, type ToolCall, type ToolOutput } from './runner.ts';
export type { SecretContent } from './secret-files.ts';
export {
  type Revision,
  type RevokeTarget,
  type Rotation,
  type SecretInfo,
  type SecretName,
  type SecretOptions,
  type SecretOwner,
  type SecretReading,
  secretAdd,
  secretGet,
  secretGrant,
  secretIds,
  secretInfoGet,
  secretRemove,
  secretRevoke,
  secretSet,
} from './secrets.ts';
export { stateDelete, stateGet, stateSet } from './state.ts';
export {
  type ApplicationStatus,
  applicationStatusGet,
  applicationStatusSet,
  type CurrentStatus,
  type Status,
  type StatusName,
  statusGet,
  statusSet,
} from './status.ts';
export { storageAdd, storageGet, storageList } from './storage.ts';

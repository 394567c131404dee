/** One call of the `juju` command: which command it is, its options, and how it ends. */
import { Refused } from '../core/world.ts';
import { exec, run } from './action-commands.ts';
import {
  addUnit,
  attachResource,
  expose,
  integrate,
  refresh,
  removeApplication,
  removeRelation,
  removeUnit,
  resolve,
  trust,
} from './application-commands.ts';
import { config } from './config-command.ts';
import { type Caller, Failure } from './console.ts';
import { deploy } from './deploy-command.ts';
import { parseCommandLine } from './flags.ts';
import { Ended, removeMachine, scp, ssh } from './machine-commands.ts';
import {
  addModel,
  controllers,
  destroyModel,
  modelConfig,
  models,
  noModel,
  showVersion,
  switchTo,
  whoami,
} from './model-commands.ts';
import {
  addSecret,
  grantSecret,
  revokeSecret,
  secrets,
  showSecret,
  updateSecret,
} from './secret-commands.ts';
import { type Command, everywhere, modelOptions, type Session } from './session.ts';
import { showUnit, status, storage } from './status-commands.ts';

/** With the names that the client knows besides. Juju 4 has no `wait-for`. */
const commands: ReadonlyMap<string, Command> = new Map([
  ['add-model', addModel],
  ['add-secret', addSecret],
  ['add-unit', addUnit],
  ['attach-resource', attachResource],
  ['config', config],
  ['controllers', controllers],
  ['deploy', deploy],
  ['destroy-model', destroyModel],
  ['exec', exec],
  ['expose', expose],
  ['grant-secret', grantSecret],
  ['integrate', integrate],
  ['list-controllers', controllers],
  ['list-models', models],
  ['list-secrets', secrets],
  ['list-storage', storage],
  ['model-config', modelConfig],
  ['models', models],
  ['refresh', refresh],
  ['relate', integrate],
  ['remove-application', removeApplication],
  ['remove-machine', removeMachine],
  ['remove-relation', removeRelation],
  ['remove-unit', removeUnit],
  ['resolve', resolve],
  ['resolved', resolve],
  ['revoke-secret', revokeSecret],
  ['run', run],
  ['scp', scp],
  ['secrets', secrets],
  ['show-secret', showSecret],
  ['show-unit', showUnit],
  ['ssh', ssh],
  ['status', status],
  ['storage', storage],
  ['switch', switchTo],
  ['trust', trust],
  ['update-secret', updateSecret],
  ['version', showVersion],
  ['whoami', whoami],
]);

/** Gives the exit code. @throws what went wrong in the rig itself. */
export async function dispatch(
  session: Session,
  [name = '', ...args]: readonly string[],
  caller: Caller,
): Promise<number> {
  try {
    const command = commands.get(name === '--version' ? 'version' : name);
    if (command === undefined)
      throw new Failure(`juju: "${name}" is not a juju command. See "juju --help".`, 2);
    const { about, where = 'anywhere' } = command;
    const options = { ...everywhere, ...(about === 'the model' ? modelOptions : {}), ...command.options };
    const line = parseCommandLine(options, args, where);
    session.ground.check();
    if (about === 'the model') checkModel(session, line.text('model') ?? caller.environment.JUJU_MODEL);
    await command.run(session, line, caller);
    return 0;
  } catch (error) {
    if (error instanceof Ended) return error.code;
    if (!(error instanceof Failure || error instanceof Refused)) throw error;
    caller.err(`ERROR ${error.message}\n`);
    return error instanceof Failure ? error.code : 1;
  }
}

function checkModel(session: Session, asked: string | undefined): void {
  const { name } = session.ground.world.model;
  if (session.model === 'none') {
    throw new Failure('No model in focus.\n\nPlease use "juju models" to see models available to you.');
  }
  if (asked === undefined || asked === '') return;
  const own = asked.replace(`${session.controller}:`, '').replace(/^admin\//, '');
  if (own !== name) throw noModel(session, own);
}

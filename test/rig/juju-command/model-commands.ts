/** Models and the client itself: add-model, destroy-model, models, switch, whoami, controllers, model-config, version. */
import { setTimeout as sleep } from 'node:timers/promises';
import { removeApplication } from '../core/commands.ts';
import { Failure } from './console.ts';
import { goJson, goYaml, row, table } from './go-text.ts';
import {
  type Command,
  formatOf,
  formatOptions,
  inform,
  modelOptions,
  noMore,
  onlyWord,
  pair,
  type Session,
} from './session.ts';

const version = '4.0.14';
const pollMilliseconds = 100;

export const addModel: Command = {
  about: 'the client',
  options: {
    controller: { not: 'value' },
    c: { not: 'value' },
    owner: { not: 'value' },
    credential: { not: 'value' },
    config: 'values',
    'no-switch': { not: 'switch' },
    'target-controller': { not: 'value' },
  },
  run(session, line, caller) {
    const [name, cloud, ...more] = line.words;
    if (name === undefined) throw new Failure('model name is required', 2);
    noMore(more);
    if (cloud !== undefined && cloud !== 'localhost') throw new Failure(`the rig has no cloud "${cloud}"`);
    if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name)) {
      throw new Failure(
        `"${name}" is not a valid name: model names may only contain lowercase letters, digits and hyphens`,
        2,
      );
    }
    for (const setting of line.all('config').map(pair)) setModel(session, setting);
    if (session.model === 'there')
      throw new Failure(`the rig has one model, "${session.ground.world.model.name}"`);
    session.ground.world.model.name = name;
    session.model = 'there';
    inform(
      line,
      caller,
      `Added '${name}' model on localhost/localhost with credential 'localhost' for user 'admin'`,
    );
  },
};

export const destroyModel: Command = {
  about: 'the client',
  options: {
    'no-prompt': 'switch',
    prompt: { not: 'switch' },
    'destroy-storage': 'switch',
    'release-storage': { not: 'switch' },
    force: 'switch',
    'no-wait': { not: 'switch' },
    timeout: { not: 'value' },
    t: { not: 'value' },
  },
  async run(session, line, caller) {
    const { ground } = session;
    const { world } = ground;
    const name = onlyWord(line, 'no model specified').replace(/^(?:[^:]*:)?(?:admin\/)?/, '');
    if (session.model === 'none' || name !== world.model.name) throw noModel(session, name);
    if (!line.on('no-prompt')) throw new Failure("the rig's juju asks nothing: say --no-prompt");
    if (world.storage.size > 0 && !line.on('destroy-storage')) {
      throw new Failure('the rig keeps no storage of a model that is gone: say --destroy-storage');
    }
    inform(line, caller, 'Destroying model');
    for (const application of world.applications.keys()) removeApplication(world, application);
    while (world.units.size > 0) {
      ground.check();
      await sleep(pollMilliseconds);
    }
    world.applications.clear();
    world.secrets.clear();
    session.model = 'none';
    inform(line, caller, '\nModel destroyed.');
  },
};

export function noModel({ controller }: Session, name: string): Failure {
  return new Failure(`model ${controller}:admin/${name} not found`);
}

export const models: Command = {
  about: 'the client',
  options: {
    ...formatOptions,
    controller: { not: 'value' },
    c: { not: 'value' },
    user: { not: 'value' },
    all: { not: 'switch' },
    uuid: { not: 'switch' },
    'exact-time': { not: 'switch' },
  },
  run(session, line, caller) {
    noMore(line.words);
    const format = formatOf(line, 'tabular', ['json', 'yaml']);
    const { world } = session.ground;
    const { name, uuid } = world.model;
    const status = session.ground.status();
    const there = session.model === 'there';
    const listed = {
      name: `admin/${name}`,
      'short-name': name,
      'model-uuid': uuid,
      'model-type': 'iaas',
      'controller-uuid': '00000000-0000-4000-8000-000000000000',
      'controller-name': session.controller,
      'is-controller': false,
      cloud: 'localhost',
      region: 'localhost',
      type: 'lxd',
      life: 'alive',
      status: { current: 'available' },
      access: 'admin',
      'last-connection': 'just now',
      'agent-version': version,
    };
    const all = { models: there ? [listed] : [], ...(there && { 'current-model': name }) };
    if (format !== 'tabular') {
      caller.out((format === 'json' ? goJson : goYaml)(all));
      return;
    }
    const machines = String(Object.keys(status.machines).length);
    const head = row('Model', 'Cloud/Region', 'Type', 'Status', 'Machines', 'Access', 'Last connection');
    const own = row(`${name}*`, 'localhost/localhost', 'lxd', 'available', machines, 'admin', 'just now');
    caller.out(`Controller: ${session.controller}\n\n${table(there ? [head, own] : [head], [4])}`);
  },
};

export const switchTo: Command = {
  about: 'the client',
  options: { ...modelOptions, controller: { not: 'value' }, c: { not: 'value' } },
  run(session, line, caller) {
    const [word, ...more] = line.words;
    noMore(more);
    const { name } = session.ground.world.model;
    const full = session.model === 'there' ? `${session.controller}:admin/${name}` : `${session.controller}:`;
    const wanted = line.text('model') ?? word;
    if (wanted === undefined) {
      caller.out(`${full}\n`);
      return;
    }
    const variable = caller.environment.JUJU_MODEL;
    if (variable !== undefined && variable !== '') {
      throw new Failure(`cannot switch when JUJU_MODEL is overriding the model (set to "${variable}")`);
    }
    const own = [name, `admin/${name}`, `${session.controller}:${name}`, full];
    if (wanted !== session.controller && !(session.model === 'there' && own.includes(wanted))) {
      throw new Failure(
        `cannot determine if "${wanted}" is a valid model: model "${session.controller}:${wanted}" not found`,
      );
    }
    inform(line, caller, `${full} (no change)`);
  },
};

export const whoami: Command = {
  about: 'the client',
  options: formatOptions,
  run(session, line, caller) {
    noMore(line.words);
    const format = formatOf(line, 'tabular', ['json', 'yaml']);
    const shown = {
      controller: session.controller,
      ...(session.model === 'there' && { model: session.ground.world.model.name }),
      user: 'admin',
    };
    if (format !== 'tabular') {
      caller.out((format === 'json' ? goJson : goYaml)(shown));
      return;
    }
    const model = shown.model ?? '<no-current-model>';
    caller.out(table([row('Controller:', shown.controller), row('Model:', model), row('User:', 'admin')]));
  },
};

export const controllers: Command = {
  about: 'the client',
  options: { ...formatOptions, refresh: { not: 'switch' }, managed: { not: 'switch' } },
  run(session, line, caller) {
    noMore(line.words);
    if (line.text('format') === undefined) {
      throw new Failure("the rig's juju lists controllers as JSON or YAML: say --format", 2);
    }
    const format = formatOf(line, 'json', ['yaml']);
    const own = {
      ...(session.model === 'there' && { 'current-model': session.ground.world.model.name }),
      user: 'admin',
      access: 'superuser',
      cloud: 'localhost',
      region: 'localhost',
      'agent-version': version,
    };
    const all = { controllers: { [session.controller]: own }, 'current-controller': session.controller };
    caller.out((format === 'json' ? goJson : goYaml)(all));
  },
};

/** The settings of a model that change how a rig runs. */
export const modelConfig: Command = {
  about: 'the model',
  options: { ...formatOptions, file: { not: 'value' }, reset: { not: 'values' } },
  run(session, line) {
    if (line.words.length === 0) throw new Failure("the rig's juju shows no settings of the model", 2);
    for (const word of line.words) setModel(session, pair(word));
  },
};

function setModel({ ground: { world } }: Session, [key, value]: readonly [string, string]): void {
  switch (key) {
    case 'automatically-retry-hooks':
      world.retryHooks = value === 'true' ? 'automatic' : 'by hand';
      return;
    case 'update-status-hook-interval':
      // The rig's own tempo stands: it is faster than what a site would set.
      return;
    default:
      throw new Failure(`the rig has no setting "${key}" of the model`);
  }
}

export const showVersion: Command = {
  about: 'the client',
  options: { ...formatOptions, all: { not: 'switch' } },
  run(_session, line, caller) {
    noMore(line.words);
    const text = `${version}-genericlinux-${process.arch === 'x64' ? 'amd64' : process.arch}`;
    caller.out(formatOf(line, 'smart', ['json', 'yaml']) === 'json' ? goJson(text) : `${text}\n`);
  },
};

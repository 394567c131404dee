/** What changes applications: relations, units, refresh, resources, resolve. */
import { readFile } from 'node:fs/promises';
import { charmAt } from '../core/charm-reader.ts';
import {
  addUnit as addOne,
  attachResource as attach,
  refresh as refreshTo,
  integrate as relate,
  removeApplication as removeAll,
  removeUnit as removeOne,
  resolve as resolveUnit,
  config as setConfig,
  trust as trustIt,
  removeRelation as unrelate,
} from '../core/commands.ts';
import { applicationOf, Refused, unitOf, unitsOf, type World } from '../core/world.ts';
import { settings } from './config-command.ts';
import { Failure, pathOf } from './console.ts';
import { type Command, inform, noMore, onlyWord, pair, pairs, type Session } from './session.ts';

export const integrate: Command = {
  about: 'the model',
  options: { via: { not: 'value' } },
  run({ ground: { world } }, line) {
    const [one, other, ...more] = line.words;
    if (one === undefined || other === undefined || more.length > 0) {
      throw new Failure('a relation must involve two applications', 2);
    }
    relate(world, one, other);
  },
};

export const removeRelation: Command = {
  about: 'the model',
  options: { force: { not: 'switch' } },
  run({ ground: { world } }, line) {
    const [one, other, ...more] = line.words;
    if (one === undefined || other === undefined || more.length > 0) {
      throw new Failure('a relation must involve two applications', 2);
    }
    unrelate(world, one, other);
  },
};

export const addUnit: Command = {
  about: 'the model',
  options: {
    'num-units': 'value',
    n: { same: 'num-units' },
    to: 'value',
    'attach-storage': { not: 'value' },
  },
  run(session, line) {
    const name = onlyWord(line, 'no application specified');
    const count = Number(line.text('num-units') ?? '1');
    if (!Number.isInteger(count) || count < 1) throw new Failure('--num-units must be a positive integer', 2);
    applicationOf(session.ground.world, name);
    placeUnits(session, name, count, line.text('to'));
  },
};

/** New units, on the machines that `--to` names, and on new ones when it names fewer. */
export function placeUnits(
  { ground }: Session,
  application: string,
  count: number,
  to: string | undefined,
): void {
  const places = to === undefined ? [] : to.split(',');
  const known = Object.keys(ground.status().machines);
  for (const place of places) {
    if (!/^\d+$/.test(place)) throw new Failure(`invalid --to parameter "${place}"`, 2);
    if (!known.includes(place)) throw new Failure(`machine ${place} not found`);
  }
  for (let number = 0; number < count; number += 1) {
    ground.placed(addOne(ground.world, application, places[number] ?? ground.addMachine()));
  }
}

const removalOptions = {
  prompt: { not: 'switch' },
  'no-prompt': 'switch',
  'destroy-storage': 'switch',
  'dry-run': { not: 'switch' },
  force: { not: 'switch' },
  'no-wait': { not: 'switch' },
} as const;

export const removeUnit: Command = {
  about: 'the model',
  options: { ...removalOptions, 'num-units': { not: 'value' } },
  run({ ground: { world } }, line, caller) {
    if (line.words.length === 0) throw new Failure('no units specified', 2);
    for (const name of line.words) {
      if (!isUnit(name)) throw new Failure(`invalid unit name "${name}"`, 2);
    }
    confirmed(line.on('no-prompt'));
    for (const name of line.words) {
      unitOf(world, name);
      const stored = storageOf(world, name, line.on('destroy-storage'));
      removeOne(world, name);
      caller.out([`will remove unit ${name}`, ...stored, ''].join('\n'));
    }
  },
};

export const removeApplication: Command = {
  about: 'the model',
  options: removalOptions,
  run({ ground: { world } }, line, caller) {
    if (line.words.length === 0) throw new Failure('no application specified', 2);
    confirmed(line.on('no-prompt'));
    for (const name of line.words) {
      applicationOf(world, name);
      const units = unitsOf(world, name);
      const stored = units.flatMap((unit) => storageOf(world, unit.name, line.on('destroy-storage')));
      const removed = units.map((unit) => `- will remove unit ${unit.name}`);
      removeAll(world, name);
      caller.out([`will remove application ${name}`, ...removed, ...stored, ''].join('\n'));
    }
  },
};

/** The client would ask, and a script could not answer. */
function confirmed(said: boolean): void {
  if (!said) throw new Failure("the rig's juju asks nothing: say --no-prompt");
}

function storageOf(world: World, unit: string, destroyed: boolean): string[] {
  const ids = [...world.storage.values()].filter((storage) => storage.unit === unit).map(({ id }) => id);
  if (ids.length > 0 && !destroyed) {
    throw new Failure(
      `the rig keeps no storage of units that are gone (${ids.join(', ')}): say --destroy-storage`,
    );
  }
  return ids.map((id) => `- will remove storage ${id}`);
}

function isUnit(name: string): boolean {
  return /^[a-z][a-z0-9-]*\/\d+$/.test(name);
}

export const refresh: Command = {
  about: 'the model',
  options: {
    path: 'value',
    resource: 'values',
    config: 'values',
    force: { not: 'switch' },
    'force-units': { not: 'switch' },
    'force-base': { not: 'switch' },
    channel: { not: 'value' },
    switch: { not: 'value' },
    base: { not: 'value' },
    revision: { not: 'value' },
    storage: { not: 'values' },
    bind: { not: 'value' },
    trust: { not: 'switch' },
  },
  async run({ ground }, line, caller) {
    const { world } = ground;
    const name = onlyWord(line, 'no application specified');
    const path = line.text('path');
    const application = applicationOf(world, name);
    if (path === undefined) {
      throw new Failure(`cannot upgrade application "${name}": the rig has no Charmhub; say --path`);
    }
    const charm = await charmAt(pathOf(caller, path));
    for (const [resource, file] of line.all('resource').map(pair)) {
      attach(world, name, resource, pathOf(caller, file));
    }
    refreshTo(world, name, charm);
    const given = await settings(pairs(line.all('config')), caller);
    if (Object.keys(given).length > 0) setConfig(world, name, given, ground.now());
    const { charmcraft } = charm;
    inform(
      line,
      caller,
      `Added local charm "${charmcraft.name}", revision ${application.revision}, to the model`,
    );
  },
};

export const attachResource: Command = {
  about: 'the model',
  options: {},
  async run({ ground: { world } }, line, caller) {
    const [name, resource, ...more] = line.words;
    if (name === undefined) throw new Failure('missing application name', 2);
    if (resource === undefined) throw new Failure('no resource specified', 2);
    noMore(more);
    const [key, file] = pair(resource);
    const path = pathOf(caller, file);
    await readFile(path).catch((error: unknown) => {
      throw new Failure(
        `failed to upload resource "${key}": ${error instanceof Error ? error.message : error}`,
      );
    });
    attach(world, name, key, path);
  },
};

export const resolve: Command = {
  about: 'the model',
  options: { 'no-retry': 'switch', all: 'switch' },
  run({ ground: { world } }, line) {
    if (line.on('all') && line.words.length > 0) {
      throw new Failure('specifying unit names(s) with --all not supported', 2);
    }
    if (!line.on('all') && line.words.length === 0) throw new Failure('no unit specified', 2);
    const failed = [...world.units.values()].filter(({ agent }) => agent.step.kind === 'failed');
    const names = line.on('all') ? failed.map(({ name }) => name) : line.words;
    for (const name of names) {
      if (!isUnit(name)) throw new Failure(`unit name "${name}" not valid`, 2);
      try {
        resolveUnit(world, name, line.on('no-retry') ? 'skip' : 'retry');
      } catch (error) {
        if (error instanceof Refused)
          throw new Failure(`resolving unit: checking unit "${name}" status: ${error.message}`);
        throw error;
      }
    }
  },
};

export const trust: Command = {
  about: 'the model',
  options: { remove: { not: 'switch' }, scope: { not: 'value' } },
  run({ ground }, line) {
    const { world } = ground;
    trustIt(world, onlyWord(line, 'no application name specified'), ground.now());
  },
};

export const expose: Command = {
  about: 'the model',
  options: { endpoints: { not: 'value' }, 'to-spaces': { not: 'value' }, 'to-cidrs': { not: 'value' } },
  run({ ground }, line) {
    const { world } = ground;
    applicationOf(world, onlyWord(line, 'no application name specified')).exposed = true;
  },
};

/** Logins of the web pages. */
import type { ActionOutcome, ActionParameters, Juju } from '@lpbuildbot/juju';
import * as z from 'zod';
import { reconcile } from '../charm.ts';
import { printed, readPeople, readWanted } from '../inputs/memory.ts';
import type { Machine } from '../machine/machine.ts';
import { messages } from '../messages.ts';
import { places } from '../places.ts';

async function read(machine: Machine) {
  return {
    people: readPeople(await machine.files.read(places.people)),
    url: readWanted(await machine.files.read(places.wantedFile))?.site.url ?? '',
  };
}

export async function getAdminPassword(_juju: Juju, machine: Machine): Promise<ActionOutcome> {
  const { people, url } = await read(machine);
  if (people === undefined) return { kind: 'failed', message: messages.notConfigured };
  return { kind: 'done', results: { url, name: 'admin', password: people.admin.password } };
}

const schema = z.object({ name: z.string() });

export async function addWebUser(
  juju: Juju,
  machine: Machine,
  parameters: ActionParameters,
): Promise<ActionOutcome> {
  const { name } = schema.parse(parameters);
  if (!/^[^:\p{Cc}]{1,100}$/u.test(name) || name === 'admin')
    return { kind: 'failed', message: messages.notAName };
  const { people, url } = await read(machine);
  if (people === undefined) return { kind: 'failed', message: messages.notConfigured };
  const password = machine.token();
  const added = { ...people.added, [name]: await machine.hashPassword(password) };
  await machine.files.write(places.people, { content: printed({ ...people, added }), mode: 0o600 });
  await reconcile(juju, machine);
  return { kind: 'done', results: { url, name, password } };
}

/** Who may log in on the web pages. The admin's password is made once and stays with the storage. */
import { createHmac } from 'node:crypto';
import { formatLogins } from '@lpbuildbot/buildbot/logins';
import { type Memory, type People, printed } from '../inputs/memory.ts';
import type { Secrets } from '../inputs/secrets.ts';
import type { Inputs } from '../inputs.ts';
import type { Machine } from '../machine/machine.ts';
import { MASTER_USER, places } from '../places.ts';
import { loginsOf } from '../plan/files.ts';

export async function applyPeople(
  machine: Machine,
  inputs: Inputs,
  secrets: Secrets | 'kept',
): Promise<Pick<Memory, 'hashes' | 'pepper'>> {
  const people = inputs.people ?? (await createAdmin(machine));
  const pepper = inputs.memory.pepper === '' ? machine.token() : inputs.memory.pepper;
  const hashes =
    secrets === 'kept' ? inputs.memory.hashes : await hashesOf(machine, inputs.memory, pepper, secrets);
  const logins = loginsOf(
    people,
    Object.fromEntries(Object.entries(hashes).map(([name, { hash }]) => [name, hash])),
  );
  await machine.files.write(places.logins, {
    content: formatLogins(logins),
    mode: 0o600,
    owner: MASTER_USER,
  });
  return { hashes, pepper };
}

async function createAdmin(machine: Machine): Promise<People> {
  const password = machine.token();
  const people: People = { admin: { password, hash: await machine.hashPassword(password) }, added: {} };
  await machine.files.write(places.people, { content: printed(people), mode: 0o600 });
  return people;
}

async function hashesOf(
  machine: Machine,
  memory: Memory,
  pepper: string,
  secrets: Secrets,
): Promise<Memory['hashes']> {
  const hashes: Record<string, { mark: string; hash: string }> = {};
  for (const [name, password] of secrets.webUsers) {
    const mark = createHmac('sha256', pepper).update(password).digest('hex');
    const known = memory.hashes[name];
    hashes[name] = known?.mark === mark ? known : { mark, hash: await machine.hashPassword(password) };
  }
  return hashes;
}

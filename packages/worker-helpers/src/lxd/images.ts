/** Images and their aliases. */
import * as z from 'zod';
import { ask, type Lxd, read, readMaybe } from './connection.ts';
import { finished } from './operations.ts';
import { isProblem } from './problem.ts';
import { type Alias, aliasSchema, type Image, imageSchema } from './schemas.ts';

const at = (fingerprint: string): string => `/1.0/images/${encodeURIComponent(fingerprint)}`;
const atAlias = (name: string): string => `/1.0/images/aliases/${encodeURIComponent(name)}`;

/** Every image, whoever made it. */
export async function listImages(lxd: Lxd): Promise<Image[]> {
  return await read(lxd, '/1.0/images?recursion=1', z.array(imageSchema));
}

export async function getImage(lxd: Lxd, fingerprint: string): Promise<Image | undefined> {
  return await readMaybe(lxd, at(fingerprint), imageSchema);
}

/** Deletes an image with its aliases; one that is gone already is as good. */
export async function deleteImage(lxd: Lxd, fingerprint: string): Promise<void> {
  try {
    await finished(lxd, await ask(lxd, 'DELETE', at(fingerprint)));
  } catch (error) {
    if (!isProblem(error, 'not-found')) throw error;
  }
}

export async function listAliases(lxd: Lxd): Promise<Alias[]> {
  return await read(lxd, '/1.0/images/aliases?recursion=1', z.array(aliasSchema));
}

/** The fingerprint that an alias stands for; undefined when there is no such alias. */
export async function aliasTarget(lxd: Lxd, alias: string): Promise<string | undefined> {
  return (await readMaybe(lxd, atAlias(alias), aliasSchema))?.target;
}

/** Lets an alias stand for that image, in one step: at no moment is it missing. */
export async function setAlias(lxd: Lxd, alias: string, target: string): Promise<void> {
  // PUT replaces one that is there, and POST makes one that is not; another process may come between.
  for (let attempt = 1; ; attempt += 1) {
    try {
      await ask(lxd, 'PUT', atAlias(alias), { description: '', target });
      return;
    } catch (error) {
      if (!isProblem(error, 'not-found')) throw error;
    }
    try {
      await ask(lxd, 'POST', '/1.0/images/aliases', { name: alias, description: '', target });
      return;
    } catch (error) {
      if (attempt === 3 || !isProblem(error, 'exists')) throw error;
    }
  }
}

/** Images and their aliases. */
import type { Readable } from 'node:stream';
import * as z from 'zod';
import { ask, envelopeOf, type Lxd, parse, read, readMaybe } from './connection.ts';
import { finished, type Waiting } from './operations.ts';
import { isProblem } from './problem.ts';
import { type Alias, aliasSchema, type Image, imageSchema, type Operation } from './schemas.ts';

const at = (fingerprint: string): string => `/1.0/images/${encodeURIComponent(fingerprint)}`;
const atAlias = (name: string): string => `/1.0/images/aliases/${encodeURIComponent(name)}`;

/** Every image, whoever made it. */
export async function listImages(lxd: Lxd): Promise<Image[]> {
  return await read(lxd, '/1.0/images?recursion=1', z.array(imageSchema));
}

export async function getImage(lxd: Lxd, fingerprint: string): Promise<Image | undefined> {
  return await readMaybe(lxd, at(fingerprint), imageSchema);
}

/** Makes an image of a stopped instance and gives its fingerprint. */
export async function publishInstance(
  lxd: Lxd,
  name: string,
  properties: Readonly<Record<string, string>>,
  waiting: Waiting = {},
): Promise<string> {
  const source = { type: 'instance', name };
  const answer = await ask(lxd, 'POST', '/1.0/images', { source, properties, public: false });
  return fingerprintOf(await finished(lxd, answer, waiting));
}

/** Imports an image in one file (a unified tarball, LXD's doc/image_format.md) and gives its fingerprint; properties come on top of those in it. */
export async function importImage(
  lxd: Lxd,
  tarball: Readable,
  properties: Readonly<Record<string, string>> = {},
  waiting: Waiting = {},
): Promise<string> {
  const headers = {
    'content-type': 'application/octet-stream',
    'X-LXD-properties': new URLSearchParams(properties).toString(),
  };
  const answer = await envelopeOf(lxd, 'POST', '/1.0/images', { headers, body: tarball });
  return fingerprintOf(await finished(lxd, answer, waiting));
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

/** Deletes an alias; one that is gone already is as good. */
export async function deleteAlias(lxd: Lxd, alias: string): Promise<void> {
  try {
    await ask(lxd, 'DELETE', atAlias(alias));
  } catch (error) {
    if (!isProblem(error, 'not-found')) throw error;
  }
}

function fingerprintOf(operation: Operation | undefined): string {
  return parse(z.object({ fingerprint: z.string() }), 'POST /1.0/images', operation?.metadata).fingerprint;
}

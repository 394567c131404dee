/**
 * What a master and its workers tell each other over the Juju relation `buildbot-worker`, version 1: one schema for both
 * charms, so that they cannot come to differ. `parse` reads a unit's databag (other keys, such as Juju's own, are left out),
 * `z.encode` makes one.
 */
import * as z from 'zod';
import { namePattern } from './name-pattern.ts';

/** A change that the other side would not understand gets another number. */
const version = z.literal('1', { error: 'the other charm speaks another version: upgrade both' });

/** Printable, without blanks: what can stand in a file of settings as it is. */
const word = z.string().regex(/^[\u0021-\u007e]{1,253}$/, 'not one word');

function whole(least: number, most: number) {
  return z.codec(z.string().regex(/^\d{1,9}$/, 'not a whole number'), z.int().min(least).max(most), {
    decode: Number,
    encode: String,
  });
}

function json<Value extends z.ZodType>(value: Value) {
  return z.codec(z.string(), value, {
    decode: (text, context) => {
      try {
        return JSON.parse(text);
      } catch {
        context.issues.push({ code: 'custom', message: 'not JSON', input: text });
        return z.NEVER;
      }
    },
    encode: (parsed) => JSON.stringify(parsed),
  });
}

const unit = z.string().regex(/^[a-z][a-z0-9-]*\/\d+$/, 'not the name of a unit');
const secretUri = z.string().regex(/^secret:\S+$/, "not a secret's URI");

/** The databag of a unit of the master. It is written whole: where there is an address there is everything. */
export const masterDatabag = z.object({
  version,
  /** Where the workers reach it: a host name or an IP address. */
  address: word,
  port: whole(1, 65_535),
  /** The authority that signs the master's certificate, in PEM: the only one that a worker trusts. */
  ca: z
    .string()
    .regex(/^-----BEGIN CERTIFICATE-----\n[\s\S]+-----END CERTIFICATE-----\n*$/, 'not a certificate in PEM'),
  /** From a worker's unit to a secret that is granted to that unit alone; its content is a `workerCredentials`. */
  credentials: json(z.record(unit, secretUri)),
});
export type MasterDatabag = z.infer<typeof masterDatabag>;

/** The databag of a unit of the workers. */
export const workerDatabag = z.object({
  version,
  /** The names of the images that are there: builders of these images may be given to it. */
  images: json(z.array(z.string().regex(namePattern, 'not the name of an image'))),
  /** How many builds it takes at a time. */
  capacity: whole(1, 1000),
  /** As dpkg names it. */
  arch: z.enum(['amd64', 'arm64']),
  /** The version of the package lpbuildbot-worker. */
  helpers: word,
});
export type WorkerDatabag = z.infer<typeof workerDatabag>;

/** The content of the secret that the master gives a worker: what it says at its login. */
export const workerCredentials = z.object({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/, 'not the name of a worker'),
  password: word,
});
export type WorkerCredentials = z.infer<typeof workerCredentials>;

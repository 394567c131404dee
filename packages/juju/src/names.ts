/**
 * Juju's identifiers: all strings on the command line, and not to be mixed up. A branded value can only be made by parsing, so
 * whoever holds a `RelationId` knows that Juju takes it, and that it cannot be read as an option.
 */
import * as z from 'zod';

/** `buildbot-worker/3`. */
export const unitNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]*\/\d+$/, 'not the name of a unit')
  .brand('UnitName');
export type UnitName = z.infer<typeof unitNameSchema>;

/** `workers:7`: an endpoint of this charm and the relation's number in the model. */
export const relationIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][^\s:]*:\d+$/, "not a relation's ID")
  .brand('RelationId');
export type RelationId = z.infer<typeof relationIdSchema>;

/** `data/0`: a storage of this charm and the instance's number in the model. */
export const storageIdSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]*\/\d+$/, "not a storage instance's ID")
  .brand('StorageId');
export type StorageId = z.infer<typeof storageIdSchema>;

/**
 * A secret, in any of the forms that Juju itself gives out: `secret:ID` (settings, secret-changed), `secret://MODEL-UUID/ID`
 * (secret-add), and the bare ID (secret-ids, secret-expired, secret-remove).
 */
export const secretUriSchema = z
  .string()
  .regex(/^(?:secret:(?:\/\/)?)?(?:[0-9a-f-]{36}\/)?[0-9a-v]{20}$/, "not a secret's URI")
  .brand('SecretUri');
export type SecretUri = z.infer<typeof secretUriSchema>;

export function applicationOf(unit: UnitName): string {
  return unit.slice(0, unit.lastIndexOf('/'));
}

/** What is the same in all forms of one secret's URI; for comparing, and as a key. */
export function secretId(uri: SecretUri): string {
  return uri.slice(-20);
}

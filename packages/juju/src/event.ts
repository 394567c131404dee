/**
 * Why Juju started the charm, as one value. Charms here do the same thing in every hook ("look again now"), so they need it
 * for logs, for a relation that is going away, and to tell an action from a hook.
 *
 * The variables are those of Juju's hook execution environment; which are there in which event was recorded on Juju 4.0.14.
 */
import * as z from 'zod';
import { NotAHookError } from './errors.ts';
import { messages } from './messages.ts';
import { relationIdSchema, secretUriSchema, storageIdSchema, unitNameSchema } from './names.ts';

const relation = {
  endpoint: z.string(),
  relation: relationIdSchema,
  /** May be absent in broken. */
  remoteApplication: z.string().optional(),
};
const secret = {
  secret: secretUriSchema,
  /** The label that this unit knows the secret by. */
  label: z.string().optional(),
};
const storage = { storage: storageIdSchema, location: z.string().optional(), type: z.string().optional() };
const workload = { workload: z.string() };

const eventSchema = z
  .discriminatedUnion('kind', [
    /** `install`, `start`, `config-changed`, `update-status` and so on: events without a subject. */
    z.object({ kind: z.literal('hook'), hook: z.string() }),
    z.object({ kind: z.literal('action'), hook: z.string(), action: z.string(), id: z.string() }),
    z.object({ kind: z.literal('relation-created'), hook: z.string(), ...relation }),
    z.object({
      kind: z.literal('relation-joined'),
      hook: z.string(),
      ...relation,
      remoteUnit: unitNameSchema,
    }),
    z.object({
      kind: z.literal('relation-changed'),
      hook: z.string(),
      ...relation,
      /** Absent when it is the application's databag that changed. */
      remoteUnit: unitNameSchema.optional(),
    }),
    z.object({
      kind: z.literal('relation-departed'),
      hook: z.string(),
      ...relation,
      remoteUnit: unitNameSchema.optional(),
      /** The unit that leaves: the remote one, or this one when it is being removed. */
      departingUnit: unitNameSchema.optional(),
    }),
    z.object({ kind: z.literal('relation-broken'), hook: z.string(), ...relation }),
    z.object({ kind: z.literal('storage-attached'), hook: z.string(), ...storage }),
    z.object({ kind: z.literal('storage-detaching'), hook: z.string(), ...storage }),
    z.object({ kind: z.literal('secret-changed'), hook: z.string(), ...secret }),
    z.object({ kind: z.literal('secret-rotate'), hook: z.string(), ...secret }),
    z.object({
      kind: z.literal('secret-remove'),
      hook: z.string(),
      ...secret,
      revision: z.coerce.number().int(),
    }),
    z.object({
      kind: z.literal('secret-expired'),
      hook: z.string(),
      ...secret,
      revision: z.coerce.number().int(),
    }),
    z.object({ kind: z.literal('pebble-ready'), hook: z.string(), ...workload }),
    z.object({
      kind: z.literal('pebble-custom-notice'),
      hook: z.string(),
      ...workload,
      notice: z.object({ id: z.string(), type: z.string(), key: z.string() }),
    }),
    z.object({ kind: z.literal('pebble-check-failed'), hook: z.string(), ...workload, check: z.string() }),
    z.object({ kind: z.literal('pebble-check-recovered'), hook: z.string(), ...workload, check: z.string() }),
  ])
  .readonly();

export type JujuEvent = z.infer<typeof eventSchema>;

/** Longest first is not needed: no suffix ends with another. */
const suffixes = [
  'relation-created',
  'relation-joined',
  'relation-changed',
  'relation-departed',
  'relation-broken',
  'storage-attached',
  'storage-detaching',
  'secret-changed',
  'secret-rotate',
  'secret-remove',
  'secret-expired',
  'pebble-ready',
  'pebble-custom-notice',
  'pebble-check-failed',
  'pebble-check-recovered',
];

/** Where the event's details come from. */
const variables: Readonly<Record<string, string>> = {
  action: 'JUJU_ACTION_NAME',
  id: 'JUJU_ACTION_UUID',
  endpoint: 'JUJU_RELATION',
  relation: 'JUJU_RELATION_ID',
  remoteApplication: 'JUJU_REMOTE_APP',
  remoteUnit: 'JUJU_REMOTE_UNIT',
  departingUnit: 'JUJU_DEPARTING_UNIT',
  secret: 'JUJU_SECRET_ID',
  label: 'JUJU_SECRET_LABEL',
  revision: 'JUJU_SECRET_REVISION',
  storage: 'JUJU_STORAGE_ID',
  location: 'JUJU_STORAGE_LOCATION',
  type: 'JUJU_STORAGE_KIND',
  workload: 'JUJU_WORKLOAD_NAME',
  check: 'JUJU_PEBBLE_CHECK_NAME',
  'notice.id': 'JUJU_NOTICE_ID',
  'notice.type': 'JUJU_NOTICE_TYPE',
  'notice.key': 'JUJU_NOTICE_KEY',
};

/** Of the kind `hook` when Juju sends one that is not known here. An empty variable is an absent one. */
export function parseEvent(env: Readonly<Record<string, string | undefined>>): JujuEvent {
  const path = env.JUJU_DISPATCH_PATH ?? '';
  const [, place, hook] = /^(hooks|actions)\/(.+)$/.exec(path) ?? [];
  if (hook === undefined) throw new NotAHookError([messages.dispatchPathWrong(path)]);
  const details = Object.entries(variables).map(([detail, name]) => [detail, env[name] || undefined]);
  const present = Object.fromEntries(details.filter(([, value]) => value !== undefined));
  const notice = { id: present['notice.id'], type: present['notice.type'], key: present['notice.key'] };
  const parsed = eventSchema.safeParse({
    ...present,
    kind: place === 'actions' ? 'action' : kindOf(hook),
    hook,
    notice,
  });
  if (parsed.success) return parsed.data;
  throw new NotAHookError(
    parsed.error.issues.map(({ path: at, message }) =>
      messages.variableWrong(variables[at.join('.')] ?? at.join('.'), message),
    ),
  );
}

function kindOf(hook: string): string {
  return suffixes.find((suffix) => hook === suffix || hook.endsWith(`-${suffix}`)) ?? 'hook';
}

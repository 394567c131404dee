/** Secrets: secret-add, -get, -set, -remove, -grant, -revoke, -ids, -info-get. */
import { isDeepStrictEqual } from 'node:util';
import type { Databag } from '../../src/databag.ts';
import type { RelationState, SecretState } from '../state.ts';
import { type Arguments, atMost, isOn, misuse, quoted, refuse } from './flags.ts';
import { formatFlags, formatted, sorted } from './format.ts';
import { applicationName, type Hook, relationOf } from './hook.ts';
import { givenContent, givenOptions, secretFlags, secretIdOf } from './secret-arguments.ts';
import { removeSecret, updateSecret } from './secret-changes.ts';
import type { FakeTools } from './tool.ts';

const relationFlags = { '-r': 'value', '--relation': 'value' } as const;
const notLeader = 'this unit is not the leader';

export const secretTools: FakeTools = {
  'secret-add': {
    flags: secretFlags,
    run: (hook, args) => {
      const { base, later, surroundings } = hook;
      if (args.rest.length === 0 && !args.flags.has('--file')) misuse('missing secret value or filename');
      const options = givenOptions(args);
      const content = givenContent(args, surroundings);
      if (options.owner === 'application' && !base.leader) refuse(notLeader);
      const created = [...later.secrets.created.values()];
      if (options.label !== undefined && created.some(({ label }) => label === options.label)) {
        refuse(`secret with label ${quoted(options.label)} already exists`);
      }
      const id = surroundings.newSecretId(hook);
      later.secrets.created.set(id, { ...options, content });
      return `secret://${base.model.uuid}/${id}\n`;
    },
  },
  'secret-set': {
    flags: secretFlags,
    run: (hook, args) => {
      const id = uriOf(args);
      const { owner: _, ...options } = givenOptions(args);
      const content = givenContent({ ...args, rest: args.rest.slice(1) }, hook.surroundings);
      const newest = managed(hook, id)?.revisions.at(-1)?.content;
      const same = Object.keys(content).length === 0 || isDeepStrictEqual(content, newest);
      const update = { ...options, ...(same ? {} : { content }) };
      if (Object.keys(update).length > 0) updateSecret(hook.later.secrets, id, update);
      return '';
    },
  },
  'secret-remove': {
    flags: { '--revision': 'value' },
    run: (hook, args) => {
      const id = uriOf(args);
      atMost(args.rest, 1);
      const revision = Number(args.flags.get('--revision') ?? '0');
      removeSecret(hook.later.secrets, id, revision > 0 ? revision : undefined);
      return '';
    },
  },
  'secret-grant': {
    flags: { ...relationFlags, '--unit': 'value' },
    run: (hook, args) => {
      // Options are read before anything else is looked at.
      const given =
        args.flags.has('-r') || args.flags.has('--relation') ? relationOf(hook, args.flags) : undefined;
      const id = uriOf(args);
      const relation = given ?? relationOf(hook, args.flags);
      const unit = args.flags.get('--unit') ?? '';
      if (unit !== '' && applicationName(unit) !== relation.remoteApplication) {
        misuse(
          `cannot specify unit ${quoted(unit)} in relation to application ${quoted(relation.remoteApplication)}`,
        );
      }
      atMost(args.rest, 1);
      const secret = managed(hook, id);
      if (secret === undefined && !hook.later.secrets.created.has(id))
        refuse(`secret ${quoted(id)} not found`);
      const application = `application-${relation.remoteApplication}`;
      const target = unit === '' ? application : unitTag(unit);
      const inRelation = (secret?.grants ?? []).filter((grant) => grant.relation === relation.id);
      if (inRelation.some((grant) => grant.target === target || grant.target === application)) return '';
      if (unit === '' && inRelation.length > 0) {
        refuse(
          'any unit level grants need to be revoked before granting access to the corresponding application',
        );
      }
      hook.later.secrets.granted.set(`${id} ${relation.id}`, { id, target, relation: relation.id });
      return '';
    },
  },
  'secret-revoke': {
    flags: { ...relationFlags, '--app': 'value', '--application': 'value', '--unit': 'value' },
    run: (hook, args) => {
      const relation =
        args.flags.has('-r') || args.flags.has('--relation') ? relationOf(hook, args.flags) : undefined;
      const id = uriOf(args);
      const app = args.flags.get('--app') ?? args.flags.get('--application') ?? '';
      const unit = args.flags.get('--unit') ?? '';
      if (app !== '' && unit !== '') misuse('specify only one of application or unit');
      if (app !== '' && relation !== undefined) misuse('do not specify both relation and app');
      const application = relation?.remoteApplication ?? app;
      if (application === '' && unit === '') misuse('missing relation or application or unit');
      atMost(args.rest, 1);
      const targets = unit === '' ? [`application-${application}`] : [unitTag(unit)];
      hook.later.secrets.revoked.push({ id, targets });
      return '';
    },
  },
  'secret-ids': {
    flags: formatFlags,
    run: (hook, args) => {
      atMost(args.rest, 0);
      const ids = ownIds(hook);
      const none = ids.length === 0 && args.flags.get('--format') === 'json';
      return formatted(args, none ? null : ids);
    },
  },
  'secret-info-get': {
    flags: { ...formatFlags, '--label': 'value' },
    run: (hook, args) => {
      const [uri] = args.rest;
      const label = args.flags.get('--label') ?? '';
      const id = uri === undefined ? undefined : secretIdOf(uri);
      if (id === undefined && label === '') misuse('require either a secret URI or label');
      if (id !== undefined && label !== '') misuse('specify either a secret URI or label but not both');
      atMost(args.rest, 1);
      const known = ownIds(hook).map((own) => ({ id: own, info: infoOf(hook, own) }));
      const found = known.find((own) => (id === undefined ? own.info.label === label : own.id === id));
      if (found === undefined) refuse(`secret ${quoted(id ?? label)} not found`);
      return formatted(args, { [found.id]: found.info }, 'smart');
    },
  },
  'secret-get': {
    flags: { ...formatFlags, '--label': 'value', '--peek': 'switch', '--refresh': 'switch' },
    run: (hook, args) => {
      const [uri, key] = args.rest;
      const label = args.flags.get('--label') ?? '';
      const id = uri === undefined ? undefined : secretIdOf(uri);
      if (id === undefined && label === '') misuse('require either a secret URI or label');
      const [peek, refresh] = [isOn(args, '--peek'), isOn(args, '--refresh')];
      if (peek && refresh) misuse('specify one of --peek or --refresh but not both');
      atMost(args.rest, 2);
      const content = read(hook, id ?? labelled(hook, label), id === undefined ? '' : label, {
        peek,
        refresh,
      });
      return formatted(args, key === undefined ? sorted(content) : valueAt(content, key), 'smart');
    },
  },
};

function uriOf({ rest }: Arguments): string {
  return secretIdOf(rest[0] ?? misuse('missing secret URI'));
}

function unitTag(unit: string): string {
  return `unit-${unit.replace('/', '-')}`;
}

function labelOf({ now }: Hook, { id, label }: SecretState): string {
  return now.labels.get(id) ?? label;
}

/** A secret that was there when the hook began, and whose metadata this unit is told. */
function managed({ base }: Hook, id: string): SecretState | undefined {
  return base.secrets.find(
    (secret) =>
      secret.id === id && (secret.owner === 'unit' || (secret.owner === 'application' && base.leader)),
  );
}

function ownIds(hook: Hook): string[] {
  const { created, removed } = hook.later.secrets;
  const there = hook.base.secrets.filter(
    ({ id }) => managed(hook, id) !== undefined && removed.get(id) !== 'all',
  );
  return [...there.map(({ id }) => id), ...created.keys()].sort();
}

/** Labels and other options as this hook set them; revision and access as they were when it began. */
function infoOf(hook: Hook, id: string): { readonly label: string } {
  const created = hook.later.secrets.created.get(id);
  if (created !== undefined) {
    const { owner, label = '', description, rotation, expiry } = created;
    const info = {
      revision: 1,
      label: hook.now.labels.get(id) ?? label,
      owner,
      description,
      rotation,
      expiry,
    };
    return info;
  }
  const secret = managed(hook, id) ?? refuse(`secret ${quoted(id)} not found`);
  const { content: _, ...updated } = hook.later.secrets.updated.get(id) ?? {};
  const access = secret.grants.flatMap(({ target, relation }) => {
    const scope = hook.base.relations.find((one) => one.id === relation);
    return scope === undefined ? [] : [{ target, scope: scopeOf(hook, scope), role: 'view' }];
  });
  const info = {
    revision: secret.revisions.at(-1)?.revision ?? 1,
    label: updated.label ?? labelOf(hook, secret),
    owner: secret.owner,
    description: (updated.description ?? secret.description) || undefined,
    rotation: updated.rotation ?? secret.rotation,
    expiry: updated.expiry ?? secret.expiry,
    rotates: secret.rotates,
    access: access.length === 0 ? undefined : access,
  };
  return info;
}

/** `relation-taker.upstream#probe.data`: the requirer first. */
function scopeOf({ base, charm }: Hook, relation: RelationState): string {
  const own = `${applicationName(base.unit)}.${relation.endpoint}`;
  const remote = `${relation.remoteApplication}.${relation.remoteEndpoint}`;
  const role = charm.endpoints.get(relation.endpoint);
  if (role === 'peer') return `relation-${own}`;
  return role === 'requires' ? `relation-${own}#${remote}` : `relation-${remote}#${own}`;
}

function labelled(hook: Hook, label: string): string {
  const there = hook.base.secrets.find((secret) => labelOf(hook, secret) === label);
  const waiting = [...hook.later.secrets.created, ...hook.later.secrets.updated];
  return (
    there?.id ??
    waiting.find(([, secret]) => secret.label === label)?.[0] ??
    refuse(`secret URI for consumer label ${quoted(label)} not found`)
  );
}

/** The content, by the revision rules; giving a label together with a URI names the secret so from now on. */
function read(
  hook: Hook,
  id: string,
  label: string,
  { peek, refresh }: { readonly peek: boolean; readonly refresh: boolean },
): Databag {
  const { created, updated, followed } = hook.later.secrets;
  const fresh = created.get(id);
  if (fresh !== undefined) {
    if (label !== '') created.set(id, { ...fresh, label });
    return fresh.content;
  }
  const pending = updated.get(id)?.content;
  if (pending !== undefined && (peek || refresh)) {
    if (refresh) followed.add(id);
    return pending;
  }
  const secret = hook.base.secrets.find((one) => one.id === id);
  if (secret === undefined) refuse('getting latest secret revision: secret not found');
  if (secret.access === 'denied') refuse(`${quoted(hook.base.unit)} is not allowed to read this secret`);
  if (label !== '') hook.now.labels.set(id, label);
  const newest = secret.revisions.at(-1);
  const tracked = hook.now.tracked.get(id) ?? secret.tracked ?? newest?.revision ?? 1;
  const wanted = peek || refresh ? newest : secret.revisions.find(({ revision }) => revision === tracked);
  if (!peek) hook.now.tracked.set(id, refresh ? (newest?.revision ?? tracked) : tracked);
  return wanted?.content ?? refuse('getting latest secret revision: secret not found');
}

function valueAt(content: Databag, key: string): string {
  const encoded = key.endsWith('#base64');
  const name = encoded ? key.slice(0, -'#base64'.length) : key;
  const value = content[name] ?? refuse(`secret key value ${quoted(name)} not found`);
  return encoded ? Buffer.from(value).toString('base64') : value;
}

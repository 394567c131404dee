/**
 * The end of a hook: with exit code 0 everything that waited is applied, all of it or, when Juju finds a mistake only now, none;
 * with another code it is dropped. What took effect at once stays in any case.
 */
import type { OpenedPortState, SecretState, State } from '../state.ts';
import type { Hook } from './hook.ts';
import { applySecrets } from './secret-changes.ts';

export type End =
  | { readonly kind: 'applied' }
  /** The charm ended with another code than 0. */
  | { readonly kind: 'failed'; readonly code: number }
  /** The charm ended with 0, and Juju fails the hook because of what it asked for. */
  | { readonly kind: 'rejected'; readonly reason: string }
  /** `juju-reboot --now`: Juju killed the process, and runs the hook again after the reboot. */
  | { readonly kind: 'killed' };

export function finishHook(
  hook: Hook,
  code: number | 'killed',
): { readonly end: End; readonly state: State } {
  const kept = keptState(hook);
  if (code === 'killed') return { end: { kind: 'killed' }, state: kept };
  if (code !== 0) return { end: { kind: 'failed', code }, state: kept };
  const reason = firstMistake(hook);
  if (reason !== undefined) return { end: { kind: 'rejected', reason }, state: kept };
  const secrets = applySecrets(hook.base, kept.secrets, hook.later.secrets);
  if (secrets.kind === 'rejected') return { end: secrets, state: kept };
  return { end: { kind: 'applied' }, state: evolved(hook, applied(hook, kept, secrets.secrets)) };
}

function keptState({ base, now }: Hook): State {
  return Object.freeze({
    ...base,
    status: now.status,
    applicationStatus: now.applicationStatus,
    workloadVersion: now.workloadVersion,
    secrets: base.secrets.map((secret) => ({
      ...secret,
      tracked: now.tracked.get(secret.id) ?? secret.tracked,
      label: now.labels.get(secret.id) ?? secret.label,
    })),
  });
}

function applied(hook: Hook, kept: State, secrets: readonly SecretState[]): State {
  const { later } = hook;
  return Object.freeze({
    ...kept,
    secrets,
    stored: later.stored,
    openedPorts: later.ports.map((port) => narrowed(hook, port)),
    storage: [...kept.storage, ...addedStorage(hook)],
    relations: kept.relations.map((relation) => ({
      ...relation,
      unitData: later.unitData.get(relation.id) ?? relation.unitData,
      applicationData: later.applicationData.get(relation.id) ?? relation.applicationData,
    })),
  });
}

/** What is over with the event itself: a departed unit, a broken relation, a detached storage. */
function evolved({ event }: Hook, state: State): State {
  if (event.kind === 'storage' && event.what === 'detaching') {
    return Object.freeze({ ...state, storage: state.storage.filter(({ id }) => id !== event.storage) });
  }
  if (event.kind !== 'relation') return state;
  if (event.what === 'broken') {
    return Object.freeze({ ...state, relations: state.relations.filter(({ id }) => id !== event.relation) });
  }
  if (event.what !== 'departed') return state;
  const relations = state.relations.map((relation) => {
    const data = relation.remoteUnits[event.remoteUnit];
    if (relation.id !== event.relation || data === undefined) return relation;
    const { [event.remoteUnit]: _, ...remoteUnits } = relation.remoteUnits;
    return {
      ...relation,
      remoteUnits,
      departedUnits: { ...relation.departedUnits, [event.remoteUnit]: data },
    };
  });
  return Object.freeze({ ...state, relations });
}

function firstMistake({ charm, base, later }: Hook): string | undefined {
  const endpoints = later.ports.flatMap((port) => (port.endpoints === 'all' ? [] : port.endpoints));
  const unknown = endpoints.find((endpoint) => !charm.endpoints.has(endpoint) && endpoint !== 'juju-info');
  if (unknown !== undefined)
    return `update ports: invalid endpoint(s); [${unknown}] does exist on unit ${base.unit}`;
  for (const [name, count] of later.storage) {
    const declared = charm.storage[name];
    const prefix = `preparing storage additions: preparing storage add "${name}" for unit "${base.unit}"`;
    if (declared === undefined) return `${prefix}: storage name not supported`;
    const there = base.storage.filter(({ id }) => id.startsWith(`${name}/`)).length;
    if (there + count > declared.most) {
      return `${prefix}: storage "${name}" cannot exceed ${declared.most} storage instances`;
    }
  }
  return undefined;
}

/** A range that was open for all endpoints and closed for one is open for each of the others. */
function narrowed({ charm, later }: Hook, open: OpenedPortState): OpenedPortState {
  const closed = later.narrowed.get(open.port);
  if (closed === undefined || closed.size === 0 || open.endpoints !== 'all') return open;
  const all = [...charm.endpoints.keys(), 'juju-info'];
  return { port: open.port, endpoints: all.filter((endpoint) => !closed.has(endpoint)).sort() };
}

function addedStorage({ base, later }: Hook): State['storage'] {
  const numbers = base.storage.map(({ id }) => Number(id.slice(id.lastIndexOf('/') + 1)));
  const first = Math.max(-1, ...numbers) + 1;
  const names = [...later.storage].flatMap(([name, count]) => Array.from({ length: count }, () => name));
  return names.map((name, index) => ({
    id: `${name}/${first + index}`,
    location: `/var/lib/juju/storage/${name}-${first + index}`,
  }));
}

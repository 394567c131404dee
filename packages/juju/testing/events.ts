/** The events of Juju, as functions: `event.relationChanged(workers, { unit: 'buildbot-worker/0' })`. */
import type { ActionParameters } from '../src/actions.ts';
import type { RelationState, SecretState, StorageState } from './state.ts';

interface RelationSubject {
  readonly relation: number;
  readonly remoteApplication: string;
  readonly remoteUnit: string;
  readonly departingUnit: string;
}

export type FakeEvent =
  | { readonly kind: 'hook'; readonly hook: string }
  | ({ readonly kind: 'relation'; readonly hook: string; readonly what: RelationEvent } & RelationSubject)
  | {
      readonly kind: 'storage';
      readonly hook: string;
      readonly what: 'attached' | 'detaching';
      readonly storage: string;
    }
  | {
      readonly kind: 'secret';
      readonly hook: string;
      readonly what: 'changed' | 'rotate' | 'remove' | 'expired';
      readonly secret: string;
      readonly revision: number | undefined;
    }
  | { readonly kind: 'action'; readonly action: string; readonly parameters: ActionParameters };

type RelationEvent = 'created' | 'joined' | 'changed' | 'departed' | 'broken';

const plain = (hook: string) => (): FakeEvent => ({ kind: 'hook', hook });

function ofRelation(
  what: RelationEvent,
  relation: RelationState,
  subject: Partial<RelationSubject> = {},
): FakeEvent {
  return {
    kind: 'relation',
    hook: `${relation.endpoint}-relation-${what}`,
    what,
    relation: relation.id,
    remoteApplication: relation.remoteApplication,
    remoteUnit: '',
    departingUnit: '',
    ...subject,
  };
}

function ofStorage(what: 'attached' | 'detaching', { id }: StorageState): FakeEvent {
  return { kind: 'storage', hook: `${id.slice(0, id.lastIndexOf('/'))}-storage-${what}`, what, storage: id };
}

function ofSecret(
  what: 'changed' | 'rotate' | 'remove' | 'expired',
  { id }: SecretState,
  revision?: number,
): FakeEvent {
  return { kind: 'secret', hook: `secret-${what}`, what, secret: id, revision };
}

export const event = {
  install: plain('install'),
  start: plain('start'),
  configChanged: plain('config-changed'),
  updateStatus: plain('update-status'),
  upgradeCharm: plain('upgrade-charm'),
  leaderElected: plain('leader-elected'),
  stop: plain('stop'),
  remove: plain('remove'),
  /** One that has no function here. */
  other: (hook: string): FakeEvent => ({ kind: 'hook', hook }),

  relationCreated: (relation: RelationState) => ofRelation('created', relation),
  relationJoined: (relation: RelationState, { unit }: { readonly unit: string }) =>
    ofRelation('joined', relation, { remoteUnit: unit }),
  /** Without a unit: the application's databag changed. */
  relationChanged: (relation: RelationState, { unit = '' }: { readonly unit?: string } = {}) =>
    ofRelation('changed', relation, { remoteUnit: unit }),
  /** `departing` is the unit that leaves: `unit`, or this one when it is being removed. */
  relationDeparted: (
    relation: RelationState,
    { unit, departing = unit }: { readonly unit: string; readonly departing?: string },
  ) => ofRelation('departed', relation, { remoteUnit: unit, departingUnit: departing }),
  /** Juju names the remote application in some and not in others. */
  relationBroken: (relation: RelationState, { named = true }: { readonly named?: boolean } = {}) =>
    ofRelation('broken', relation, named ? {} : { remoteApplication: '' }),

  storageAttached: (storage: StorageState) => ofStorage('attached', storage),
  storageDetaching: (storage: StorageState) => ofStorage('detaching', storage),

  secretChanged: (secret: SecretState) => ofSecret('changed', secret),
  secretRotate: (secret: SecretState) => ofSecret('rotate', secret),
  secretRemove: (secret: SecretState, revision: number) => ofSecret('remove', secret, revision),
  secretExpired: (secret: SecretState, revision: number) => ofSecret('expired', secret, revision),

  action: (action: string, parameters: ActionParameters = {}): FakeEvent => ({
    kind: 'action',
    action,
    parameters,
  }),
} as const;

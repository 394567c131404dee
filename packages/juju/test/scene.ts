/** What scenes are made of: the probe charms, and what Juju held of them in every recording. */
import { join } from 'node:path';
import { type Charmcraft, readCharmcraft } from '../testing/charmcraft.ts';
import { event, type FakeEvent } from '../testing/events.ts';
import { relation, type State } from '../testing/state.ts';
import type { Recording } from './recording.ts';

export interface Scene {
  readonly name: string;
  readonly recording: Recording;
  readonly charm: Charmcraft;
  readonly event: FakeEvent;
  readonly state: Partial<State>;
}

const fixtures = join(import.meta.dirname, 'fixtures');
export const probe = readCharmcraft(join(fixtures, 'probe.yaml'));
export const taker = readCharmcraft(join(fixtures, 'taker.yaml'));

export const location = '/var/lib/juju/storage/00000000-0000-4000-8000-000000000001';
export const ready = { status: { status: 'active', message: 'ready' } };
export const disk = { storage: [{ id: 'disk/0', location }] };
const leader = { unit: 'probe/0', leader: true };
export const follower = { unit: 'probe/1', leader: false };

export const dataRelation = [
  relation({
    id: 1,
    endpoint: 'data',
    remoteApplication: 'taker',
    remoteEndpoint: 'upstream',
    remoteUnits: { 'taker/0': {} },
  }),
];

export type Given = (recording: Recording) => Omit<Scene, 'name' | 'recording'>;

export const onProbe =
  (state: (recording: Recording) => Partial<State>, when: FakeEvent = event.configChanged()): Given =>
  (recording) => ({
    charm: probe,
    event: when,
    state: { ...leader, ...ready, ...disk, ...state(recording) },
  });

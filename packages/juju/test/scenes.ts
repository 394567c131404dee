/** What Juju held when each recorded hook began, as the state that the fake begins with. */
import * as z from 'zod';
import type { Databag } from '../src/databag.ts';
import { event } from '../testing/events.ts';
import { type RelationState, relation, type State } from '../testing/state.ts';
import { type Recording, readRecording } from './recording.ts';
import {
  dataRelation,
  disk,
  follower,
  type Given,
  location,
  onProbe,
  probe,
  ready,
  type Scene,
  taker,
} from './scene.ts';
import { secretScenes } from './scenes-secrets.ts';

/** The databag that a case of the recording printed as JSON. */
function bag({ calls }: Recording, name: string): Databag {
  const call = calls.find((one) => one.case === name);
  if (call === undefined) throw new Error(`no case "${name}" in the recording`);
  return z.record(z.string(), z.string()).parse(JSON.parse(call.stdout));
}

/** `data:1` with taker, `cluster:0` with the other probe, as they were before anybody wrote to them. */
function bothRelations(recording: Recording, peer: string): readonly RelationState[] {
  const own = bag(recording, 'own settings, json');
  const remote = bag(recording, "remote unit's settings, json");
  return [
    relation({
      id: 1,
      endpoint: 'data',
      remoteApplication: 'taker',
      remoteEndpoint: 'upstream',
      remoteUnits: { 'taker/0': remote },
      unitData: own,
    }),
    relation({
      id: 0,
      endpoint: 'cluster',
      remoteApplication: 'probe',
      remoteUnits: { [peer]: {} },
      unitData: own,
    }),
  ];
}

const portsOfProbe = [
  '0/tcp',
  '80/tcp',
  '100/tcp',
  '443/tcp',
  '5003/tcp',
  '8000-8010/tcp',
  '65535/tcp',
  '53/udp',
  '9000-9001/udp',
  'icmp',
];

const given: Readonly<Record<string, Given>> = {
  settings: onProbe(() => ({
    config: { text: 'round 1700000000', number: 7 },
    resources: { blob: '/var/lib/juju/agents/unit-probe-0/resources/blob.txt' },
  })),
  leadership: onProbe(() => ({})),
  'status-leader': onProbe(() => ({ otherUnits: {} })),
  'status-not-leader': onProbe(() => follower),
  'reads-of-own-writes': onProbe(() => ({ unit: 'probe/2', leader: false })),
  'ports-open': onProbe(() => ({ openedPorts: [{ port: '443/tcp', endpoints: 'all' }] })),
  'ports-close': onProbe(() => ({
    openedPorts: [
      ...portsOfProbe.map((port) => ({ port, endpoints: 'all' as const })),
      { port: '5000/tcp', endpoints: ['data'] },
      { port: '5001/tcp', endpoints: ['data', 'feed'] },
    ],
  })),
  'ports-overlap-open': onProbe(() => overlapping()),
  'ports-overlap-close': onProbe(() => overlapping()),
  'ports-unknown-endpoint': onProbe(() => ({})),
  'ports-of-others': () => ({
    charm: { ...taker, name: 'keep' },
    event: event.configChanged(),
    state: { unit: 'keep/0', portsOfOthers: { 'probe/0': ['443/tcp', '9000-9001/udp'] } },
  }),
  network: onProbe((recording) => {
    const call = recording.calls.find((one) => one.case === 'binding data, json');
    const address = z.object({ value: z.string(), cidr: z.string() });
    const shape = z.object({ 'bind-addresses': z.array(z.object({ addresses: z.array(address) })) });
    const [first] = shape.parse(JSON.parse(call?.stdout ?? ''))['bind-addresses'];
    const { value = '', cidr = '' } = first?.addresses[0] ?? {};
    return {
      network: { address: value, subnet: cidr, egress: `${value}/32` },
      relations: [...dataRelation, relation({ id: 0, endpoint: 'cluster', remoteApplication: 'probe' })],
    };
  }),
  state: onProbe(() => ({})),
  'relations-leader': onProbe((recording) => ({ relations: bothRelations(recording, 'probe/1') })),
  'relations-not-leader': onProbe((recording) => ({
    ...follower,
    relations: bothRelations(recording, 'probe/0'),
  })),
  'relation-changed-app': (recording) => {
    const upstream = relation({
      endpoint: 'upstream',
      remoteApplication: 'probe',
      remoteApplicationData: bag(recording, "default: the remote application's settings"),
    });
    return {
      charm: taker,
      event: event.relationChanged(upstream),
      state: { unit: 'taker/0', relations: [upstream] },
    };
  },
  'relation-departed': (recording) => {
    const upstream = ending(recording, {
      remoteUnits: { 'probe/0': bag(recording, "default: the remote unit's settings"), 'probe/1': {} },
    });
    return {
      charm: taker,
      event: event.relationDeparted(upstream, { unit: 'probe/0' }),
      state: { unit: 'taker/0', relations: [upstream] },
    };
  },
  'relation-broken': (recording) => {
    const upstream = ending(recording, {
      departedUnits: { 'probe/0': bag(recording, 'the departing/remote unit by name') },
      remoteApplicationData: bag(recording, 'the remote application by name'),
    });
    return {
      charm: taker,
      event: event.relationBroken(upstream, { named: false }),
      state: { unit: 'taker/0', relations: [upstream] },
    };
  },
  'relation-over': () => ({ charm: taker, event: event.configChanged(), state: { unit: 'taker/0' } }),
  'goal-state': () => ({
    charm: { ...probe, name: 'late' },
    event: event.updateStatus(),
    state: {
      unit: 'late/1',
      ...ready,
      otherUnits: { 'late/0': 'active' },
      relations: [
        relation({ id: 4, endpoint: 'data', remoteApplication: 'taker', remoteUnits: { 'taker/0': {} } }),
        relation({ id: 3, endpoint: 'cluster', remoteApplication: 'late', remoteUnits: { 'late/0': {} } }),
      ],
    },
  }),
  storage: onProbe(() => ({})),
  'storage-too-many': onProbe(() => ({})),
  'storage-second-of-one': onProbe(() => ({})),
  'storage-hook': onProbe(
    () => ({ storage: [...disk.storage, { id: 'cache/2', location }] }),
    event.storageAttached({ id: 'cache/2', location }),
  ),
  action: onProbe(() => ({}), event.action('params', { word: '007' })),
  'action-fail': onProbe(() => ({}), event.action('plain')),
  'action-text': onProbe(() => ({ unit: 'probe/2' }), event.action('open', { known: 'x', items: '[a b]' })),
  ...secretScenes,
};

function overlapping(): Partial<State> {
  const closed = ['8000-8010/tcp', 'icmp'];
  return {
    openedPorts: [
      ...portsOfProbe
        .filter((port) => !closed.includes(port))
        .map((port) => ({ port, endpoints: 'all' as const })),
      { port: '5000/tcp', endpoints: ['data'] },
      { port: '5001/tcp', endpoints: ['feed'] },
    ],
  };
}

/** taker's relation with probe, near its end. */
function ending(recording: Recording, more: Partial<RelationState>): RelationState {
  return relation({
    endpoint: 'upstream',
    remoteApplication: 'probe',
    remoteEndpoint: 'data',
    unitData: bag(recording, 'default: own settings'),
    applicationData: bag(recording, "default: own application's settings"),
    remoteApplicationData: recording.head.event.endsWith('departed')
      ? bag(recording, "default: the remote application's settings")
      : {},
    ...more,
  });
}

export const scenes: readonly Scene[] = Object.entries(given).map(([name, make]) => {
  const recording = readRecording(name);
  return { name, recording, ...make(recording) };
});

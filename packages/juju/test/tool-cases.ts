/**
 * What the functions of this package make of Juju's real answers: each case names a call of a recorded hook, the function that makes
 * this very call, and what a charm is given. Kept apart from what runs it, so that it can be run against other servers of hook tools.
 */

import * as juju from '../src/index.ts';
import {
  type RelationId,
  relationIdSchema,
  storageIdSchema,
  type UnitName,
  unitNameSchema,
} from '../src/names.ts';
import type { Runner } from '../src/runner.ts';
import { type Row, secretHooks } from './secret-cases.ts';

export interface ToolCase {
  readonly hook: string;
  /** The recorded call. */
  readonly call: string;
  readonly does: (run: Runner) => Promise<unknown>;
  readonly gives: unknown;
}

const data1: RelationId = relationIdSchema.parse('data:1');
const data999: RelationId = relationIdSchema.parse('data:999');
const upstream: RelationId = relationIdSchema.parse('upstream:1');
const taker0: UnitName = unitNameSchema.parse('taker/0');
const probe0: UnitName = unitNameSchema.parse('probe/0');
const disk = storageIdSchema.parse('disk/0');

const model = '00000000-0000-4000-8000-000000000001';
const hooks: Readonly<Record<string, readonly Row[]>> = {
  settings: [
    [
      'every setting, json',
      juju.configGet,
      {
        flag: true,
        'flag-off': false,
        fraction: 1.5,
        multiline: "one\ntwo: 'three'\n",
        number: 7,
        text: 'round 1700000000',
        'text-empty': '',
        'whole-fraction': 2,
      },
    ],
    [
      'present',
      (run) => juju.resourceGet(run, 'blob'),
      { kind: 'file', path: '/var/lib/juju/agents/unit-probe-0/resources/blob.txt' },
    ],
    ['never given', (run) => juju.resourceGet(run, 'never'), { kind: 'not-found' }],
    ['unknown', (run) => juju.resourceGet(run, 'nope'), { kind: 'not-found' }],
    ['credential, not trusted, json', juju.credentialGet, { kind: 'denied' }],
    ['log TRACE', (run) => juju.jujuLog(run, 'TRACE', 'message at TRACE'), undefined],
    ['log ERROR', (run) => juju.jujuLog(run, 'ERROR', 'message at ERROR'), undefined],
    ['log CRITICAL', (run) => juju.jujuLog(run, 'CRITICAL', 'message at CRITICAL'), undefined],
  ],
  leadership: [['leader?, json', juju.isLeader, true]],
  'status-leader': [
    ['own status with data, json', juju.statusGet, { status: 'active', message: 'ready' }],
    [
      "application's status with data (leader), json",
      juju.applicationStatusGet,
      {
        kind: 'found',
        status: 'active',
        message: 'ready',
        units: { 'probe/0': { status: 'active', message: 'ready' } },
      },
    ],
    [
      'set blocked',
      (run) => juju.statusSet(run, { status: 'blocked', message: 'message for blocked' }),
      undefined,
    ],
    ['set with empty message', (run) => juju.statusSet(run, { status: 'blocked', message: '' }), undefined],
    [
      'set with newline',
      (run) => juju.statusSet(run, { status: 'waiting', message: 'line one\nline two' }),
      undefined,
    ],
    ['message after --', (run) => juju.statusSet(run, { status: 'active', message: '-x' }), undefined],
    [
      'set application blocked (leader)',
      (run) => juju.applicationStatusSet(run, { status: 'blocked', message: 'app message for blocked' }),
      'set',
    ],
    ['version', (run) => juju.applicationVersionSet(run, '1.2.3'), undefined],
  ],
  'status-not-leader': [
    ["application's status with data (not leader), json", juju.applicationStatusGet, { kind: 'not-leader' }],
    [
      'set application active (not leader)',
      (run) => juju.applicationStatusSet(run, { status: 'active', message: 'app message for active' }),
      'not-leader',
    ],
  ],
  'ports-open': [
    ['open 443/tcp', (run) => juju.openPort(run, { protocol: 'tcp', from: 443, to: 443 }), 'opened'],
    ['open icmp', (run) => juju.openPort(run, { protocol: 'icmp' }), 'opened'],
    ['open 8000-8010/tcp', (run) => juju.openPort(run, { protocol: 'tcp', from: 8000, to: 8010 }), 'opened'],
    [
      'after opening, same hook, with endpoints, json',
      async (run) => (await juju.openedPorts(run)).slice(0, 7),
      [
        { range: { protocol: 'icmp' }, endpoints: 'all' },
        { range: { protocol: 'tcp', from: 0, to: 0 }, endpoints: 'all' },
        { range: { protocol: 'tcp', from: 80, to: 80 }, endpoints: 'all' },
        { range: { protocol: 'tcp', from: 100, to: 100 }, endpoints: 'all' },
        { range: { protocol: 'tcp', from: 443, to: 443 }, endpoints: 'all' },
        { range: { protocol: 'tcp', from: 5000, to: 5000 }, endpoints: ['data'] },
        { range: { protocol: 'tcp', from: 5001, to: 5001 }, endpoints: ['data', 'feed'] },
      ],
    ],
  ],
  'ports-close': [
    [
      'close 443/tcp',
      (run) => juju.closePort(run, { range: { protocol: 'tcp', from: 443, to: 443 }, endpoints: 'all' }),
      undefined,
    ],
  ],
  'ports-of-others': [
    [
      "a range that overlaps probe/0's",
      (run) => juju.openPort(run, { protocol: 'udp', from: 9000, to: 9001 }),
      'conflict',
    ],
  ],
  network: [
    [
      'binding data, json',
      (run) => juju.networkGet(run, 'data'),
      {
        kind: 'network',
        bindAddresses: [
          {
            interfaceName: 'eth0',
            addresses: [{ hostname: '192.0.2.172', value: '192.0.2.172', cidr: '192.0.2.0/24' }],
          },
        ],
        egressSubnets: ['192.0.2.172/32'],
        ingressAddresses: ['192.0.2.172'],
      },
    ],
    ['unknown binding', (run) => juju.networkGet(run, 'nope'), { kind: 'no-such-binding' }],
    ['unknown relation', (run) => juju.networkGet(run, 'data', data999), { kind: 'gone' }],
    ['unit-get private-address, json', (run) => juju.unitGet(run, 'private-address'), '192.0.2.172'],
  ],
  state: [
    ['empty state, json', juju.stateGet, {}],
    [
      'after setting, same hook, json',
      juju.stateGet,
      {
        a: '1',
        b: 'two words',
        c: '{"x": [1, 2]}',
        d: 'argument',
        e: 'line one\nline two\n',
        empty: '',
        f: '5',
        g: 'from a file',
        k: 'file',
      },
    ],
    [
      'set from stdin',
      (run) => juju.stateSet(run, { d: 'from stdin', e: 'line one\nline two\n', f: '5' }),
      undefined,
    ],
    ['delete', (run) => juju.stateDelete(run, 'a'), undefined],
  ],
  'relations-leader': [
    ['ids, json', (run) => juju.relationIds(run, 'data'), ['data:1']],
    ['same, json', (run) => juju.relationIds(run, 'feed'), []],
    ['units, json', (run) => juju.relationList(run, data1), { kind: 'units', units: ['taker/0'] }],
    ['units of an unknown relation', (run) => juju.relationList(run, data999), { kind: 'gone' }],
    [
      'app, json',
      (run) => juju.relationApplication(run, data1),
      { kind: 'application', application: 'taker' },
    ],
    [
      "remote unit's settings, json",
      (run) => juju.relationGet(run, data1, { kind: 'unit', unit: taker0 }),
      { kind: 'databag', data: { 'egress-subnets': '192.0.2.217/32', 'ingress-address': '192.0.2.217' } },
    ],
    [
      "remote application's settings, json",
      (run) => juju.relationGet(run, data1, { kind: 'application', application: 'taker' }),
      { kind: 'databag', data: {} },
    ],
    [
      'unknown unit',
      (run) => juju.relationGet(run, data1, { kind: 'unit', unit: unitNameSchema.parse('taker/99') }),
      { kind: 'no-such-unit' },
    ],
    [
      'unknown application',
      (run) => juju.relationGet(run, data1, { kind: 'application', application: 'zzz' }),
      { kind: 'no-such-unit' },
    ],
    [
      'unknown relation',
      (run) => juju.relationGet(run, data999, { kind: 'unit', unit: taker0 }),
      { kind: 'gone' },
    ],
    ['delete through a file', (run) => juju.relationSet(run, data1, 'unit', { b: '' }), 'set'],
    [
      'set --app from stdin (leader)',
      (run) => juju.relationSet(run, data1, 'application', { 'app-b': '2' }),
      'set',
    ],
    ["relation's model, json", (run) => juju.relationModelGet(run, data1), { kind: 'model', uuid: model }],
    ['model of an unknown relation', (run) => juju.relationModelGet(run, data999), { kind: 'gone' }],
  ],
  'relations-not-leader': [
    [
      'set --app from stdin (not leader)',
      (run) => juju.relationSet(run, data1, 'application', { 'app-b': '2' }),
      'not-leader',
    ],
  ],
  'relation-over': [
    [
      'the old ID',
      (run) => juju.relationGet(run, upstream, { kind: 'unit', unit: probe0 }),
      { kind: 'gone' },
    ],
  ],
  'goal-state': [
    [
      'default: goal state',
      juju.goalState,
      {
        units: {
          'late/0': { status: 'active', since: '2026-11-23 03:02:37Z' },
          'late/1': { status: 'active', since: '2026-11-23 03:02:38Z' },
        },
        relations: {
          data: {
            taker: { status: 'joined', since: '2026-11-23 03:02:36Z' },
            'taker/0': { status: 'active', since: '2026-11-23 02:27:01Z' },
          },
        },
      },
    ],
  ],
  storage: [
    ['all, json', (run) => juju.storageList(run), ['disk/0']],
    ['none of this name, json', (run) => juju.storageList(run, 'cache'), []],
    [
      'all of one, json',
      (run) => juju.storageGet(run, disk),
      { kind: 'storage', type: 'filesystem', location: `/var/lib/juju/storage/${model}` },
    ],
    [
      'unknown instance',
      (run) => juju.storageGet(run, storageIdSchema.parse('disk/99')),
      { kind: 'not-found' },
    ],
    ['add too many', (run) => juju.storageAdd(run, 'cache', 9), undefined],
  ],
  action: [
    [
      'parameters, json',
      juju.actionGet,
      { count: 3, flag: false, nested: { a: 'deep' }, ratio: 0.5, word: '007' },
    ],
    ['set', (run) => juju.actionSet(run, { answer: 42 }), undefined],
    ['set nested', (run) => juju.actionSet(run, { outer: { inner: 1, other: 'two words' } }), undefined],
    ['log', (run) => juju.actionLog(run, 'progress one'), undefined],
  ],
  'action-fail': [['fail', (run) => juju.actionFail(run, 'it went wrong'), undefined]],
};

export const toolCases: readonly ToolCase[] = Object.entries({ ...hooks, ...secretHooks }).flatMap(
  ([hook, rows]) => rows.map(([call, does, gives]) => ({ hook, call, does, gives })),
);

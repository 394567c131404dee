/** The cases of `tool-cases.ts` about secrets. */
import * as juju from '../src/index.ts';
import type { Runner } from '../src/runner.ts';

export type Row = readonly [call: string, does: (run: Runner) => Promise<unknown>, gives: unknown];

const data1 = juju.relationIdSchema.parse('data:1');
const data999 = juju.relationIdSchema.parse('data:999');
const upstream = juju.relationIdSchema.parse('upstream:1');
const taker0 = juju.unitNameSchema.parse('taker/0');

const bare = (number: number): juju.SecretUri =>
  juju.secretUriSchema.parse(`s${String(number).padStart(18, '0')}0`);
const full = (number: number): juju.SecretUri =>
  juju.secretUriSchema.parse(`secret://00000000-0000-4000-8000-000000000001/${bare(number)}`);
const short = (number: number): juju.SecretUri => juju.secretUriSchema.parse(`secret:${bare(number)}`);

const info = {
  kind: 'info',
  revision: 1,
  label: '',
  owner: 'application',
  description: '',
  rotation: 'never',
  expiry: undefined,
  rotates: undefined,
  access: [],
};

export const secretHooks: Readonly<Record<string, readonly Row[]>> = {
  'secrets-owner': [
    ['none yet, json', juju.secretIds, []],
    [
      'content of file, json',
      (run) => juju.secretGet(run, { uri: full(3) }),
      { kind: 'secret', content: { key: '-----BEGIN-----\nline\n-----END-----\n', note: 'x' } },
    ],
    ['unknown label', (run) => juju.secretGet(run, { label: 'zzz' }), { kind: 'not-found' }],
    ['unknown ID', (run) => juju.secretGet(run, { uri: short(14) }), { kind: 'not-found' }],
    [
      'info of label, json',
      (run) => juju.secretInfoGet(run, { uri: full(2) }),
      { ...info, id: bare(2), label: 'first', description: 'a description' },
    ],
    [
      'info of unit, json',
      (run) => juju.secretInfoGet(run, { uri: full(7) }),
      { ...info, id: bare(7), label: 'mine', owner: 'unit' },
    ],
    [
      'info of exp2, json',
      (run) => juju.secretInfoGet(run, { uri: full(10) }),
      { ...info, id: bare(10), expiry: new Date('2030-01-01T00:00:00Z') },
    ],
    ['info by unknown label', (run) => juju.secretInfoGet(run, { label: 'zzz' }), { kind: 'not-found' }],
  ],
  'secrets-set': [
    [
      'info of the turning one, next hook',
      (run) => juju.secretInfoGet(run, { uri: full(4) }),
      {
        ...info,
        id: bare(4),
        label: 'turning',
        rotation: 'hourly',
        rotates: new Date('2026-11-23T03:27:57.063Z'),
      },
    ],
    [
      'info in the next hook',
      (run) => juju.secretInfoGet(run, { uri: full(8) }),
      {
        ...info,
        id: bare(8),
        label: 'later',
        access: [{ target: 'application-taker', scope: 'relation-taker.upstream#probe.data' }],
      },
    ],
    ['set a label', (run) => juju.secretSet(run, full(11), undefined, { label: 'apps-renamed' }), 'set'],
    ['set rotate', (run) => juju.secretSet(run, full(2), undefined, { rotate: 'daily' }), 'set'],
  ],
  'secrets-grant': [
    ['grant', (run) => juju.secretGrant(run, full(1), data1), 'granted'],
    ['grant to a unit', (run) => juju.secretGrant(run, full(5), data1, taker0), 'granted'],
    ['grant to an unknown relation', (run) => juju.secretGrant(run, full(1), data999), 'gone'],
    ['grant unknown secret', (run) => juju.secretGrant(run, short(4), data1), 'not-found'],
  ],
  'secrets-observer': [
    ['not granted, json', (run) => juju.secretGet(run, { uri: full(3) }), { kind: 'denied' }],
    [
      'not granted, with label',
      (run) => juju.secretGet(run, { uri: full(3), label: 'stolen' }),
      { kind: 'denied' },
    ],
    ['info of a granted one', (run) => juju.secretInfoGet(run, { uri: full(1) }), { kind: 'not-found' }],
    ['grant a granted one', (run) => juju.secretGrant(run, full(1), upstream), 'not-found'],
  ],
  'secrets-revoke': [
    ['revoke from the relation', (run) => juju.secretRevoke(run, full(1), { relation: data1 }), 'revoked'],
    ['revoke --app', (run) => juju.secretRevoke(run, full(2), { application: 'taker' }), 'revoked'],
    ['revoke --unit', (run) => juju.secretRevoke(run, full(2), { unit: taker0 }), 'revoked'],
  ],
  'secrets-remove': [['remove', (run) => juju.secretRemove(run, full(2)), 'removed']],
  'secrets-removed': [
    ['removed: get', (run) => juju.secretGet(run, { uri: full(1) }), { kind: 'not-found' }],
  ],
  'secrets-user': [
    [
      'default: content',
      (run) => juju.secretGet(run, { uri: short(1) }),
      { kind: 'secret', content: { other: 'x', value: 'first' } },
    ],
    [
      'default: content, peek',
      (run) => juju.secretGet(run, { uri: short(1) }, 'latest'),
      { kind: 'secret', content: { value: 'second' } },
    ],
  ],
};

/** The recorded hooks about secrets, and the secrets that Juju held when they began. */
import { event } from '../testing/events.ts';
import { relation, type SecretState, secret } from '../testing/state.ts';
import { dataRelation, follower, type Given, onProbe, taker } from './scene.ts';

function id(number: number): string {
  return `s${String(number).padStart(18, '0')}0`;
}

const login = { password: 's3cr3t', user: 'admin' };

/** The 13 secrets of probe/0, whatever is not asked for a mere placeholder. */
function thirteen(known: readonly SecretState[], first = 1): readonly SecretState[] {
  const others = Array.from({ length: 13 }, (_, index) => id(index + first)).filter(
    (one) => !known.some((secret) => secret.id === one),
  );
  return [...known, ...others.slice(0, 13 - known.length).map((one) => secret({ id: one }))];
}

export const secretScenes: Readonly<Record<string, Given>> = {
  'secrets-owner': onProbe(() => ({})),
  'secrets-label-taken': onProbe(() => ({
    secrets: thirteen([
      secret({ id: id(9), label: 'later', content: login }),
      secret({ id: id(6), label: 'mine', owner: 'unit' }),
      secret({ id: id(3), label: 'turning', rotation: 'hourly', rotates: '2026-11-23T03:27:57.06339968Z' }),
      secret({ id: id(7), label: 'first', description: 'a description', content: { token: 'abc' } }),
      secret({ id: id(5), label: 'apps' }),
    ]),
  })),
  'secrets-grant': onProbe(() => ({
    relations: dataRelation,
    secrets: [
      secret({ id: id(1), label: 'later', content: login }),
      secret({ id: id(2), label: 'first', description: 'a description' }),
      secret({ id: id(3), label: 'apps' }),
      secret({ id: id(5), label: 'mine', owner: 'unit' }),
    ],
  })),
  'secrets-set': onProbe(() => ({
    relations: dataRelation,
    secrets: thirteen([
      secret({
        id: id(8),
        label: 'later',
        content: login,
        tracked: 1,
        grants: [{ target: 'application-taker', relation: 1 }],
      }),
      secret({ id: id(12), label: 'mine', owner: 'unit', grants: [{ target: 'unit-taker-0', relation: 1 }] }),
      secret({ id: id(4), label: 'turning', rotation: 'hourly', rotates: '2026-11-23T03:27:57.06339968Z' }),
      secret({ id: id(3), label: 'first', description: 'a description', content: { token: 'abc' } }),
    ]),
  })),
  'secrets-not-leader': onProbe(() => ({
    ...follower,
    relations: dataRelation,
    secrets: [
      secret({ id: id(2), label: 'later', content: login }),
      secret({ id: id(4), label: 'first', content: { token: 'abc' } }),
      secret({ id: id(3), owner: 'elsewhere', access: 'denied' }),
    ],
  })),
  'secrets-not-leader-refused': onProbe(() => follower),
  'secrets-observer': () => ({
    charm: taker,
    event: event.configChanged(),
    state: {
      unit: 'taker/0',
      relations: [relation({ endpoint: 'upstream', remoteApplication: 'probe' })],
      secrets: [
        secret({ id: id(1), owner: 'elsewhere', content: { password: 'changed', user: 'admin' } }),
        secret({ id: id(2), owner: 'elsewhere', content: { own: '1' } }),
        secret({ id: id(3), owner: 'elsewhere', access: 'denied' }),
      ],
    },
  }),
  'secrets-revoke': onProbe(() => ({
    relations: dataRelation,
    secrets: [
      secret({ id: id(1), grants: [{ target: 'application-taker', relation: 1 }] }),
      secret({ id: id(2), owner: 'unit', grants: [{ target: 'unit-taker-0', relation: 1 }] }),
    ],
  })),
  'secrets-remove': onProbe(() => ({
    relations: dataRelation,
    secrets: [
      secret({ id: id(1) }),
      secret({ id: id(2), content: { key: '-----BEGIN-----\nline\n-----END-----\n', note: 'x' } }),
    ],
  })),
  'secrets-removed': onProbe(() => ({ secrets: thirteen([], 2).slice(0, 12) })),
  'secrets-user': (recording) => {
    const token = secret({
      id: id(1),
      owner: 'elsewhere',
      revisions: [
        { revision: 1, content: { other: 'x', value: 'first' } },
        { revision: 2, content: { value: 'second' } },
      ],
      tracked: 1,
    });
    const config = { number: 259, text: 'read it', token: `secret:${id(1)}` };
    return onProbe(() => ({ config, secrets: [token] }), event.secretChanged(token))(recording);
  },
};

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Instance } from '../lxd/index.ts';
import { planRemovals } from './plan.ts';

const here = 'boot:100:5';
const gone = 'boot:101:6';

function instance(name: string, keys: Record<string, string>): Instance {
  const config = Object.fromEntries(
    Object.entries(keys).map(([key, value]) => [`user.lpbuildbot.${key}`, value]),
  );
  return {
    name,
    status: 'Running',
    ephemeral: false,
    config,
    devices: {},
    expanded_config: config,
    expanded_devices: {},
    profiles: [],
    created_at: '',
  };
}

const removed = (...instances: readonly Instance[]): string[] =>
  planRemovals({ instances, images: new Set(['image']), alive: new Set([here]) }).map(
    ({ name, reason }) => `${name} ${reason}`,
  );

test('containers of builds and images go when what made them is gone, and stay while it lives', () => {
  assert.deepEqual(
    removed(
      instance('lpbuildbot-run-1', { kind: 'run', owner: here }),
      instance('lpbuildbot-run-2', { kind: 'run', owner: gone }),
      instance('lpbuildbot-build-1', { kind: 'build', owner: here }),
      instance('lpbuildbot-build-2', { kind: 'build', owner: gone }),
      instance('lpbuildbot-run-3', { kind: 'run' }),
    ),
    ['lpbuildbot-run-2 owner-gone', 'lpbuildbot-build-2 owner-gone', 'lpbuildbot-run-3 owner-gone'],
  );
});

test('a prepared container outlives what made it, and goes with its image', () => {
  const ready = { kind: 'prepared', ready: 'true', owner: gone };
  assert.deepEqual(
    removed(
      instance('lpbuildbot-prepared-1', { ...ready, image: 'image' }),
      instance('lpbuildbot-prepared-2', { ...ready, image: 'old' }),
    ),
    ['lpbuildbot-prepared-2 image-gone'],
  );
});

test('one that is being prepared stays, and one that was left unfinished goes', () => {
  assert.deepEqual(
    removed(
      instance('lpbuildbot-prepared-1', { kind: 'prepared', owner: here, image: 'old' }),
      instance('lpbuildbot-prepared-2', { kind: 'prepared', owner: gone, image: 'image' }),
    ),
    ['lpbuildbot-prepared-2 never-finished'],
  );
});

test('nothing that is not ours is ever removed, whatever its name or its keys say', () => {
  assert.deepEqual(
    removed(
      instance('web', {}),
      instance('lpbuildbot-run-4', {}),
      instance('web', { kind: 'run', owner: gone }),
      instance('lpbuildbot-run-5', { kind: 'prepared', owner: gone }),
      instance('lpbuildbot-run-6', { kind: 'other', owner: gone }),
    ),
    [],
  );
});

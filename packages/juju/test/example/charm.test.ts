import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Context, event, readCharmcraft, relation } from '../../testing/index.ts';
import { charm } from './charm.ts';

const context = new Context(charm, readCharmcraft(join(import.meta.dirname, 'charmcraft.yaml')));

test('the port is open, and every website is told of it', async () => {
  const website = relation({
    endpoint: 'website',
    remoteApplication: 'haproxy',
    remoteUnits: { 'haproxy/0': {} },
  });
  const { state } = await context.run(event.configChanged(), {
    config: { port: 8010 },
    relations: [website],
  });
  assert.deepEqual(state.status, { status: 'active', message: 'on port 8010' });
  assert.deepEqual(state.openedPorts, [{ port: '8010/tcp', endpoints: 'all' }]);
  assert.equal(state.relations[0]?.unitData.port, '8010');
});

test('nobody is not greeted', async () => {
  const { action } = await context.run(event.action('greet', { name: 'nobody' }));
  assert.equal(action.status, 'failed');
  assert.equal(action.message, 'there is nobody to greet');
});

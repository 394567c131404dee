import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkGet } from './network.ts';

const answering = (answer: unknown) => async () => ({ code: 0, stdout: JSON.stringify(answer), stderr: '' });

test('an address that is not known yet is none', async () => {
  const bind = { 'interface-name': '', addresses: [{ hostname: '', value: '', cidr: '' }] };
  const early = { 'bind-addresses': [bind], 'egress-subnets': [''], 'ingress-addresses': [''] };
  for (const answer of [early, { ...early, 'ingress-addresses': null }, {}]) {
    const network = await networkGet(answering(answer), 'workers');
    assert.ok(network.kind === 'network');
    assert.deepEqual([network.ingressAddresses, network.egressSubnets], [[], []]);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Network } from '../lxd/index.ts';
import { freeAddress, hardwareAddress, keptAddress, keptAddresses, onlyNic, subnetOf } from './network.ts';

const bridge = (config: Record<string, string>): Network => ({
  name: 'lxdbr0',
  type: 'bridge',
  managed: true,
  config: { 'ipv4.address': '10.7.0.1/28', ...config },
  used_by: [],
});

test('every address of the bridge is given out once, and none that is taken, then there is none', () => {
  const subnet = { gateway: '10.7.0.1', prefix: 28 };
  const seed = fc.array(fc.nat(), { minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(seed, (numbers) => {
      const taken = ['10.7.0.5'];
      for (const number of numbers) {
        const address = freeAddress(subnet, taken, (below) => number % below);
        if (address === undefined) break;
        assert.ok(!taken.includes(address), address);
        taken.push(address);
      }
      const expected = Array.from({ length: 13 }, (_, index) => `10.7.0.${index + 2}`);
      assert.deepEqual(new Set(taken), new Set(expected));
    }),
  );
});

test('an address that LXD keeps for an instance is taken, whatever the device is called', () => {
  const devices = { eth0: { type: 'nic', 'ipv4.address': '10.7.0.9' }, root: { type: 'disk' } };
  const other = { lan: { type: 'nic', 'ipv4.address': '10.7.0.3' } };
  assert.deepEqual(
    keptAddresses([{ expanded_devices: devices }, { expanded_devices: {} }, { expanded_devices: other }]),
    ['10.7.0.9', '10.7.0.3'],
  );
});

test('the address of a spare copy is used as long as it is one of the bridge', () => {
  const nic = { device: 'eth0', network: 'lxdbr0', settings: {} };
  const subnet = { gateway: '10.7.0.1', prefix: 28 };
  const kept = (address: string) =>
    keptAddress({ devices: { eth0: { 'ipv4.address': address } } }, nic, subnet);
  assert.equal(kept('10.7.0.9'), '10.7.0.9');
  for (const other of ['10.7.0.1', '10.7.0.16', '10.8.0.9', 'none'])
    assert.equal(kept(other), undefined, other);
  assert.equal(keptAddress({ devices: {} }, nic, subnet), undefined);
});

test('addresses are given only where LXD itself would give the same ones', () => {
  assert.deepEqual(subnetOf(bridge({})), { gateway: '10.7.0.1', prefix: 28 });
  assert.equal(subnetOf(bridge({ 'ipv4.address': 'none' })), undefined);
  assert.equal(subnetOf(bridge({ 'ipv4.dhcp': 'false' })), undefined);
  assert.equal(subnetOf(bridge({ 'dns.mode': 'none' })), undefined);
  assert.equal(subnetOf({ ...bridge({}), managed: false }), undefined);
  assert.equal(subnetOf(undefined), undefined);
});

test('with several network devices, or one that is not on a network of LXD, the image has to see to it', () => {
  const eth0 = { type: 'nic', network: 'lxdbr0', name: 'eth0' };
  const root = { type: 'disk', path: '/' };
  assert.equal(onlyNic({ root, eth0 })?.network, 'lxdbr0');
  assert.equal(onlyNic({ root, eth0, eth1: eth0 }), undefined);
  assert.equal(onlyNic({ root, eth0: { type: 'nic', nictype: 'macvlan', parent: 'eno1' } }), undefined);
});

test('one address has one hardware address', () => {
  assert.equal(hardwareAddress('10.7.0.255'), '00:16:3e:07:00:ff');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Network } from '../lxd/index.ts';
import { addressesIn, freeAddress, hardwareAddress, nameWithAddress, onlyNic, subnetOf } from './network.ts';

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

test("a container's address is found in its name again, and other names have none", () => {
  const address = fc.ipV4();
  fc.assert(
    fc.property(address, (text) => {
      assert.deepEqual(addressesIn([nameWithAddress(text, 'ab12')]), [text]);
    }),
  );
  assert.deepEqual(addressesIn(['web', 'lpbuildbot-run-0a1b2c3d', 'lpbuildbot-run-999-1-1-1-ab']), []);
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

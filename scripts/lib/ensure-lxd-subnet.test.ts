import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseBridgeAddress, routedSubnets } from './ensure-lxd-subnet.ts';

test('the bridge gets a subnet that the machine does not reach already', () => {
  assert.equal(chooseBridgeAddress(['192.0.2.2/24']), '10.200.83.1/24');
  assert.equal(chooseBridgeAddress(['10.200.0.0/16', '10.201.83.77/32']), '10.202.83.1/24');
  assert.equal(
    chooseBridgeAddress(['10.0.0.0/8']),
    '172.31.83.1/24',
    'a large network hides all of its parts',
  );
});

test('when every private network is taken there is no subnet, and that is said instead of breaking one', () => {
  assert.equal(chooseBridgeAddress(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']), undefined);
});

test("the machine's routes are read from the kernel's own table, without the default route", () => {
  const table = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    'vpn0\t0000A00A\t00000000\t0001\t0\t0\t0\t0000F0FF\t0\t0\t0',
    '',
  ].join('\n');
  assert.deepEqual(routedSubnets(table), ['192.0.2.0/24', '10.160.0.0/12']);
});

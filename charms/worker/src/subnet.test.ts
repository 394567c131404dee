import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeSubnet } from './subnet.ts';

const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';

/** Subnets as the kernel writes them. */
function routes(...subnets: readonly (readonly [string, number])[]): string {
  const hexadecimal = (number: number): string =>
    [0, 8, 16, 24]
      .map((shift) => ((number >>> shift) & 255).toString(16).padStart(2, '0'))
      .join('')
      .toUpperCase();
  return (
    head +
    subnets
      .map(([address, prefix]) => {
        const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
        const mask = prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0;
        return `eth0\t${hexadecimal(number)}\t00000000\t0001\t0\t0\t0\t${hexadecimal(mask)}\t0\t0\t0\n`;
      })
      .join('')
  );
}

test('the bridge gets a subnet that the machine does not reach already', () => {
  assert.equal(freeSubnet(routes(['0.0.0.0', 0], ['192.0.2.0', 24])), '10.200.83.1/24');
  assert.equal(freeSubnet(routes(['10.200.0.0', 16], ['10.201.83.77', 32])), '10.202.83.1/24');
  assert.equal(freeSubnet(routes(['10.0.0.0', 8])), '172.31.83.1/24');
});

test('when every private network is taken there is none', () => {
  assert.equal(freeSubnet(routes(['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16])), undefined);
});

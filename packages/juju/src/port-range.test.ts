import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type PortRange, parsePortRange, portRangeText } from './port-range.ts';

const port = fc.nat(65_535);
const range: fc.Arbitrary<PortRange> = fc.oneof(
  fc.constant({ protocol: 'icmp' } as const),
  fc.tuple(fc.constantFrom('tcp' as const, 'udp' as const), port, port).map(([protocol, one, other]) => ({
    protocol,
    from: Math.min(one, other),
    to: Math.max(one, other),
  })),
);

test('what is printed is read again', () => {
  fc.assert(fc.property(range, (ports) => assert.deepEqual(parsePortRange(portRangeText(ports)), ports)));
});

test('a port alone is one of TCP', () => {
  assert.deepEqual(parsePortRange('80'), { protocol: 'tcp', from: 80, to: 80 });
});

test('what Juju does not take is no range', () => {
  for (const text of ['', 'abc', '80-', '8010-8000', '65536', '80/sctp', '80/icmp', '-5', ' 80', '80\n']) {
    assert.equal(parsePortRange(text), undefined, JSON.stringify(text));
  }
});

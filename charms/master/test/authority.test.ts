/** Keys and certificates, with openssl itself. */
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { realAuthority } from '../src/machine/authority.ts';

for (const address of ['192.0.2.10', '2001:db8::1', 'master.example.com']) {
  test(`a certificate for ${address} is for that alone, signed by its authority, and fits its key`, async () => {
    const authority = await realAuthority.create('lpbuildbot model=a/b, buildbot-master/0');
    const other = await realAuthority.create('other');
    const issued = await realAuthority.issue(authority, address, 800);
    const facts = realAuthority.describe(issued.certificate);
    assert.ok(facts);
    assert.ok(facts.isFor(address));
    assert.ok(!facts.isFor('192.0.2.99') && !facts.isFor('other.example.com'));
    assert.ok(facts.isSignedBy(authority.certificate));
    assert.ok(!facts.isSignedBy(other.certificate));
    const days = (facts.expires.getTime() - Date.now()) / 86_400_000;
    assert.ok(days > 799 && days <= 800, String(days));
    assert.ok(new X509Certificate(issued.certificate).checkPrivateKey(createPrivateKey(issued.key)));
    assert.ok(new X509Certificate(authority.certificate).ca);
    assert.match(authority.certificate, /^-----BEGIN CERTIFICATE-----\n/);
  });
}

test('what is no certificate is none', () => {
  assert.equal(realAuthority.describe('abc'), undefined);
});

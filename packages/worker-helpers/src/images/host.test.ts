import assert from 'node:assert/strict';
import { it } from 'node:test';
import { proxiesIn } from './host.ts';

it("finds apt's proxies", () => {
  const dump = `APT "";
Acquire::http "";
Acquire::http::Proxy "http://squid.internal:3128";
Acquire::http::Proxy::deb.example.org "DIRECT";
Acquire::HTTPS::proxy "http://squid.internal:3129";
`;
  assert.deepEqual(proxiesIn(dump), {
    http_proxy: 'http://squid.internal:3128',
    https_proxy: 'http://squid.internal:3129',
  });
  assert.deepEqual(proxiesIn('APT "";\n'), {});
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { originOf } from './origin.ts';

test('a request is from the page itself when its origin is where the page is served', () => {
  assert.equal(originOf('http://ci.example:8011', 'ci.example:8011', undefined), 'own');
  assert.equal(originOf('http://ci.example', 'ci.example:80', undefined), 'own');
  assert.equal(originOf('http://[::1]:8011', '[::1]:8011', undefined), 'own');
  // A proxy that keeps the host name and takes TLS off.
  assert.equal(originOf('https://ci.example', 'ci.example', undefined), 'own');
});

test('a proxy that changes the host name has its address configured', () => {
  assert.equal(originOf('https://ci.example', '127.0.0.1:8011', 'https://ci.example/promotion/'), 'own');
  assert.equal(originOf('https://ci.example', '127.0.0.1:8011', undefined), 'foreign');
  assert.equal(originOf('http://ci.example', '127.0.0.1:8011', 'https://ci.example/'), 'foreign');
});

test('anything else is foreign, and no origin is none', () => {
  for (const origin of [
    'https://evil.example',
    'http://ci.example:8012',
    'http://ci.example:8011.evil.example',
    'http://evil.example/ci.example:8011',
    'null',
    '',
    'file://',
    'data:text/html,x',
  ]) {
    assert.equal(originOf(origin, 'ci.example:8011', 'https://ci.example'), 'foreign', origin);
  }
  assert.equal(originOf('http://x', undefined, undefined), 'foreign');
  assert.equal(originOf(undefined, 'ci.example:8011', undefined), 'none');
});

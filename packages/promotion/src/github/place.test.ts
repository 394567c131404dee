import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GithubConfig } from '../config.ts';
import { githubPlace } from './place.ts';

const site = (host: string): GithubConfig => ({
  host,
  api: `https://${host}/api/v3`,
  'token-file': '/token',
  statuses: true,
  issues: true,
  'issue-label': 'lpbuildbot',
  'write-pause': 0,
});
const sites = [site('github.com'), site('ghe.example.com:8443')];

for (const [url, found] of [
  ['https://github.com/canonical/launchpad', 'github.com canonical/launchpad'],
  ['https://github.com/canonical/launchpad.git', 'github.com canonical/launchpad'],
  ['https://GitHub.com/canonical/launchpad/', 'github.com canonical/launchpad'],
  ['git@github.com:canonical/launchpad.git', 'github.com canonical/launchpad'],
  ['git+ssh://git@github.com/canonical/launchpad', 'github.com canonical/launchpad'],
  ['https://ghe.example.com:8443/a/b', 'ghe.example.com:8443 a/b'],
  ['https://ghe.example.com/a/b', undefined],
  ['https://github.com.example.com/a/b', undefined],
  ['https://git.launchpad.net/launchpad', undefined],
  ['https://github.com/canonical', undefined],
  ['https://github.com/canonical/launchpad/tree/master', undefined],
  ['/srv/github.com/a/b', undefined],
] as const) {
  test(`${url} is ${found === undefined ? 'not on GitHub' : `on ${found}`}`, () => {
    const place = githubPlace(url, sites);
    const said = place && `${place.site.host} ${place.repository.owner}/${place.repository.repo}`;
    assert.equal(said, found);
  });
}

test('nothing is on GitHub when no site is configured', () => {
  assert.equal(githubPlace('https://github.com/canonical/launchpad', []), undefined);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hashRecipes, type Surroundings } from './recipe-hash.ts';
import type { Recipe } from './recipes/model.ts';
import { byName, noLayer, recipe } from './testing.ts';

const surroundings: Surroundings = { rootfs: new Map([['/srv/a.tar', 'digest']]), apt: new Map() };
const base = recipe('base', { kind: 'rootfs', path: '/srv/a.tar' });
const motd = { path: '/etc/motd', mode: '0644', owner: 'root:root', content: Buffer.from('hello') };
const flavor = recipe('flavor', 'base', {
  layers: [{ ...noLayer, files: [motd], packages: ['git', 'make'] }],
});

function hash(recipes: readonly Recipe[], around = surroundings): string {
  return hashRecipes(byName(recipes), around).get('flavor') ?? '';
}

const before = hash([base, flavor]);

describe('the hash of a recipe', () => {
  it('is the same for the same recipe, wherever it stands', () => {
    assert.match(before, /^[0-9a-f]{64}$/);
    assert.equal(hash([flavor, { ...base, file: '/elsewhere.yaml' }]), before);
  });

  it('is the same when only what happens to finished images changes', () => {
    assert.equal(hash([base, { ...flavor, keep: 9, maxAgeSeconds: 60, description: 'a line' }]), before);
  });

  it('is the same for packages in another order and for an empty flavor', () => {
    const layer = { ...noLayer, files: [motd], packages: ['make', 'git'] };
    assert.equal(hash([base, { ...flavor, layers: [noLayer, layer] }]), before);
  });

  it('changes with the content of a file', () => {
    const layer = {
      ...noLayer,
      packages: ['git', 'make'],
      files: [{ ...motd, content: Buffer.from('bye') }],
    };
    assert.notEqual(hash([base, { ...flavor, layers: [layer] }]), before);
  });

  it('changes with the recipe below', () => {
    const layers = [{ ...noLayer, commands: ['true'] }];
    assert.notEqual(hash([{ ...base, layers }, flavor]), before);
  });

  it('changes with the root file system below', () => {
    assert.notEqual(
      hash([base, flavor], { ...surroundings, rootfs: new Map([['/srv/a.tar', 'other']]) }),
      before,
    );
  });

  it("changes with this machine's apt sources where the base comes from the archive", () => {
    const archive = recipe('flavor', {
      kind: 'archive',
      suite: 'bookworm',
      mirror: undefined,
      components: undefined,
      pockets: [],
      keyring: undefined,
      variant: 'minbase',
      architecture: undefined,
    });
    const entry = { uris: ['http://a'], suites: ['bookworm'], components: ['main'], signedBy: '' };
    const withApt = (uri: string) =>
      hash([archive], { ...surroundings, apt: new Map([['flavor', [{ ...entry, uris: [uri] }]]]) });
    assert.notEqual(withApt('http://a'), withApt('http://b'));
    assert.equal(withApt('http://a'), withApt('http://a'));
  });
});

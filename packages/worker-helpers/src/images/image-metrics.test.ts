import assert from 'node:assert/strict';
import { it } from 'node:test';
import { imageRows } from './image-list.ts';
import { imageMetrics } from './image-metrics.ts';
import { byName, image, recipe } from './testing.ts';

const now = Date.parse('2026-11-23T12:00:00Z');
const day = 86_400_000;
const images = [
  image('focal', { recipe: 'as before', madeAt: now - day, size: 7e7 }),
  image('focal', { fingerprint: 'old', madeAt: now - 9 * day, current: false }),
  image('jammy', { madeAt: now - 30 * day, size: 1.36e9 }),
];
const recipes = byName([
  recipe('focal', 'base', { maxAgeSeconds: 86_400 }),
  recipe('noble', 'base', { maxAgeSeconds: 604_800 }),
]);
const hashes = new Map([
  ['focal', 'another'],
  ['noble', 'noble-hash'],
]);

it('tells of each image that builds get, and of those that are missing', () => {
  assert.equal(
    imageMetrics(imageRows({ images, hashes, now }), recipes),
    `# HELP lpbuildbot_image_present Whether there is an image of this name: 0 when there is only a recipe.
# TYPE lpbuildbot_image_present gauge
lpbuildbot_image_present{image="focal"} 1
lpbuildbot_image_present{image="jammy"} 1
lpbuildbot_image_present{image="noble"} 0
# HELP lpbuildbot_image_created_timestamp_seconds When the image was made.
# TYPE lpbuildbot_image_created_timestamp_seconds gauge
lpbuildbot_image_created_timestamp_seconds{image="focal"} 1795348800
lpbuildbot_image_created_timestamp_seconds{image="jammy"} 1792843200
# HELP lpbuildbot_image_max_age_seconds The age at which the image is made anew, as its recipe says; absent without a recipe.
# TYPE lpbuildbot_image_max_age_seconds gauge
lpbuildbot_image_max_age_seconds{image="focal"} 86400
lpbuildbot_image_max_age_seconds{image="noble"} 604800
# HELP lpbuildbot_image_recipe_changed Whether the recipe has changed since the image was made; absent when that is not known.
# TYPE lpbuildbot_image_recipe_changed gauge
lpbuildbot_image_recipe_changed{image="focal"} 1
# HELP lpbuildbot_image_size_bytes The size of the image as LXD stores it.
# TYPE lpbuildbot_image_size_bytes gauge
lpbuildbot_image_size_bytes{image="focal"} 70000000
lpbuildbot_image_size_bytes{image="jammy"} 1360000000
`,
  );
});

it('tells what it knows when the recipes cannot be read', () => {
  const text = imageMetrics(imageRows({ images, hashes: undefined, now }), undefined);
  assert.match(text, /created_timestamp_seconds\{image="focal"\} 1795348800\n/);
  assert.doesNotMatch(text, /max_age|recipe_changed|noble/);
});

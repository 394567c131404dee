import assert from 'node:assert/strict';
import { it } from 'node:test';
import { imageRows, imageTable } from './image-list.ts';
import { image } from './testing.ts';

const now = Date.parse('2026-11-23T12:00:00Z');
const day = 86_400_000;
const images = [
  image('jammy', { fingerprint: 'b'.repeat(64), madeAt: now - 30 * day, size: 1.36e9, users: 2 }),
  image('focal', { fingerprint: 'c'.repeat(64), madeAt: now - 9 * day, current: false, size: 7.1e7 }),
  image('focal', { fingerprint: 'a'.repeat(64), madeAt: now - 3_600_000, size: 7e7, prepared: ['p'] }),
];

it('shows what there is, what is old and what is missing', () => {
  const hashes = new Map([
    ['noble', 'noble-hash'],
    ['focal', 'focal-hash'],
  ]);
  assert.equal(
    imageTable(imageRows({ images, hashes, now })),
    `NAME   STATE    FINGERPRINT   MADE                  AGE      SIZE    RECIPE   USED BY  PREPARED
focal  current  aaaaaaaaaaaa  2026-11-23 11:00 UTC  60 min   70 MB   current  0        yes
focal  old      cccccccccccc  2026-11-14 12:00 UTC  9 days   71 MB   current  0        no
jammy  current  bbbbbbbbbbbb  2026-10-24 12:00 UTC  30 days  1.4 GB  none     2        no
noble  missing  -             -                     -        -       current  0        no`,
  );
});

it('tells an image whose recipe has changed', () => {
  const [focal] = imageRows({ images, hashes: new Map([['focal', 'new']]), now });
  assert.equal(focal?.recipe, 'changed');
});

it('does without recipes that cannot be read', () => {
  const rows = imageRows({ images, hashes: undefined, now });
  assert.deepEqual([...new Set(rows.map(({ recipe }) => recipe))], ['unknown']);
});

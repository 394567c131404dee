import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leftoverMounts } from './mounts.ts';

const line = (path: string): string => `61 29 254:0 /srv ${path} rw,relatime shared:1 - ext4 /dev/vda rw`;
const lxd = '/var/lib/lxd';

test('what LXD has still mounted for a container of ours that is gone, innermost first', () => {
  const table = [
    line('/'),
    line(`${lxd}/storage-pools/default`),
    line(`${lxd}/storage-pools/default/containers/lpbuildbot-run-10-7-0-9-ab`),
    line(`${lxd}/devices/lpbuildbot-run-10-7-0-9-ab/disk.lpbuildbot--bind--0.srv-a\\040b`),
    line(`${lxd}/devices/lpbuildbot-run-10-7-0-8-cd/disk.lpbuildbot--bind--0.srv`),
    line(`${lxd}/devices/web/disk.data.srv`),
    line('/home/ann/lpbuildbot-run-1/devices'),
  ].join('\n');
  assert.deepEqual(leftoverMounts(table, new Set(['lpbuildbot-run-10-7-0-8-cd'])), [
    `${lxd}/devices/lpbuildbot-run-10-7-0-9-ab/disk.lpbuildbot--bind--0.srv-a b`,
    `${lxd}/storage-pools/default/containers/lpbuildbot-run-10-7-0-9-ab`,
  ]);
});

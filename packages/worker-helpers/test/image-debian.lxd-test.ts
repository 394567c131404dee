/** A Debian 12 made by mmdebstrap from this machine's own apt sources, and a flavor on it with a package and a repository. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { execa } from 'execa';
import { entriesOfSuite } from '../src/images/host-apt.ts';
import { hostApt } from '../src/images/observe.ts';
import { Site, until } from './images/site.ts';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

let site: Site;
let base = '';
let flavor = '';

before(async () => {
  site = await Site.open();
  const [url = ''] = entriesOfSuite(await hostApt(), 'bookworm', undefined)[0]?.uris ?? [];
  base = `${site.prefix}-debian`;
  flavor = `${site.prefix}-tools`;
  await site.write({
    images: {
      [base]: {
        base: { archive: 'bookworm' },
        smoke: ['grep -q bookworm /etc/os-release', 'test -e /etc/ssl/certs'],
      },
      [flavor]: {
        base,
        flavor: 'tools',
        smoke: [
          'hello',
          'test "$(stat -c %U:%a /etc/tools.conf)" = daemon:640',
          'apt-cache policy | grep -q bookworm-backports',
          'test -e /etc/apt/keyrings/extra.gpg',
        ],
      },
    },
    flavors: {
      tools: {
        packages: ['hello'],
        files: [{ path: '/etc/tools.conf', content: 'x\n', mode: '0640', owner: 'daemon' }],
        sources: { extra: { url, suites: ['bookworm-backports'], 'key-file': keyring } },
      },
    },
  });
});
after(() => site.close());

// lxc would read a configuration from a standard input that stays open.
const lxc = (...args: readonly string[]) => execa('lxc', args, { stdin: 'ignore' });

async function inContainer(name: string, script: string): Promise<string> {
  const { stdout } = await execa('lxc', ['exec', name, '--', 'sh', '-c', script], {
    reject: false,
    stdin: 'ignore',
  });
  return stdout;
}

/** Whether a program of that run works on its root file system, by the run's process id in the paths. */
async function isBootstrapping(pid: number | undefined): Promise<boolean> {
  const { stdout } = await execa('ps', ['-eo', 'args']);
  return stdout.split('\n').some((line) => line.includes('mmdebstrap') && line.includes(`.${pid}.`));
}

it('leaves no process when it is killed while mmdebstrap is at work', async () => {
  const running = site.start('lpbuildbot-create-image', base);
  const { pid } = running.process;
  await until(() => isBootstrapping(pid), 'mmdebstrap works');
  running.process.kill('SIGKILL');
  await running.ended;
  await until(async () => !(await isBootstrapping(pid)), 'nothing of it is left');
});

it('is made with its flavor', async () => {
  const { code, err } = await site.create('--all');
  assert.equal(code, 0, err);
  assert.match(err, /bookworm from the archive \(minbase\)/);
  assert.match(err, new RegExp(`${base}: ready[^]*${flavor}: ready`));
  assert.doesNotMatch(err, /warning/);
  const [log = ''] = await site.logs(base);
  assert.match(log, /Types: deb\nURIs: /);
});

it('is not made again', async () => {
  const { err } = await site.create('--all');
  assert.equal(err.match(/nothing to do/g)?.length, 2);
});

it("has nothing in the background that would take apt's lock", async () => {
  const name = `${site.prefix}-quiet`;
  await lxc('launch', '--quiet', `lpbuildbot/${flavor}`, name, '--ephemeral');
  await until(
    async () => (await inContainer(name, 'systemctl is-system-running')) === 'running',
    'every unit of the container is up',
  );
  const timers = await inContainer(name, 'systemctl list-timers --no-legend --plain');
  assert.doesNotMatch(timers, /apt|unattended|man-db|e2scrub/);
  const state =
    'systemctl show -P LoadState apt-daily.service apt-daily-upgrade.timer unattended-upgrades.service';
  assert.match(await inContainer(name, state), /^masked\s+masked\s+masked$/);
});

it('gives copies of one container an address each, though they have one machine id', async () => {
  const prepared = `${site.prefix}-prepared`;
  await lxc('launch', '--quiet', `lpbuildbot/${base}`, prepared);
  await until(async () => (await inContainer(prepared, 'hostname -I')) !== '', 'it has an address');
  await lxc('stop', prepared);
  const copies = [`${site.prefix}-copy1`, `${site.prefix}-copy2`];
  const addresses: string[] = [];
  for (const name of copies) {
    await lxc('copy', prepared, name);
    await lxc('start', name);
    await until(async () => (await inContainer(name, 'hostname -I')) !== '', 'it has an address');
    addresses.push(await inContainer(name, 'hostname -I'));
  }
  assert.equal(new Set(addresses).size, 2);
  const names = await Promise.all(
    copies.map((name) => inContainer(name, 'hostname; getent hosts "$(hostname)"')),
  );
  for (const [index, name] of copies.entries())
    assert.match(names[index] ?? '', new RegExp(`^${name}\n127.0.1.1 +${name}$`));
});

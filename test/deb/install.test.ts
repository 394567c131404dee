/** The packages' life on a fresh machine: installed from a site's signed repository, upgraded, removed, purged. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Machine, machineName } from './lxc.ts';
import { ensureMachineImage } from './machine-image.ts';
import {
  APT,
  addSource,
  buildVersion,
  createRepository,
  presentPackages,
  type Repository,
  UPDATE,
  VERSIONS,
} from './packages.ts';
import { type Site, serve } from './site.ts';

let directory: string;
let repository: Repository;
let site: Site;
let machine: Machine;
let present: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'install-'));
  repository = await createRepository(join(directory, 'apt'));
  const files = await presentPackages();
  present = /lpbuildbot-worker_(.+)_all/.exec(files.map((file) => basename(file)).join())?.[1] ?? '';
  await repository.add(...files);
  site = await serve(directory);
  machine = await Machine.launch(await ensureMachineImage(console.error), machineName('install'));
});

after(async () => {
  await machine?.destroy();
  await site?.stop();
  await repository?.destroy();
  await rm(directory, { recursive: true });
});

const installedVersion = (): Promise<string> =>
  machine.sh("dpkg -s lpbuildbot-worker | sed -n 's/^Version: //p'");

/** Every file and directory that is not Debian's own business. */
const filesOf = (): Promise<string> =>
  machine.sh(
    "find / -xdev \\( -iname '*lpbuildbot*' -o -name '*buildslave*' -o -path '/var/lib/buildbot/*' \\) " +
      '-not -path "/proc/*" -not -path "/sys/*" -not -path "/var/lib/apt/*" -not -path "/var/cache/apt/*" -not -path "/var/log/*" ' +
      "-not -path '/etc/apt/*' -not -path '/var/cache/man/*' -not -path '/usr/share/keyrings/*' -not -path '/tmp/*' | sort",
  );

test('apt refuses the repository without its key, and one that was tampered with', async () => {
  await addSource(machine, `${site.url}/apt`);
  await machine.sh('mv /usr/share/keyrings/lpbuildbot-archive-keyring.gpg /root/');
  const unsigned = await machine.run(UPDATE);
  assert.match(unsigned.output, /not signed|NO_PUBKEY|couldn't be verified/);
  await machine.sh('mv /root/lpbuildbot-archive-keyring.gpg /usr/share/keyrings/');

  await cp(join(directory, 'apt'), join(directory, 'tampered'), { recursive: true });
  const name = `lpbuildbot-worker_${present}_all.deb`;
  const bytes = await readFile(join(directory, 'tampered/pool', name));
  bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
  await writeFile(join(directory, 'tampered/pool', name), bytes);
  await addSource(machine, `${site.url}/tampered`);
  await machine.sh(UPDATE);
  const { code, output } = await machine.run(`${APT} install lpbuildbot-worker`);
  assert.notEqual(code, 0);
  assert.match(output, /Hash Sum mismatch/);
  assert.match((await machine.run('dpkg -l lpbuildbot-worker')).output, /no packages found/);
});

test('apt installs it, with the Node.js and the worker that it needs', async () => {
  await addSource(machine, `${site.url}/apt`);
  await machine.sh(`${UPDATE} && ${APT} install lpbuildbot-worker`);
  assert.equal(await installedVersion(), present);
  assert.match(
    await machine.sh(
      "dpkg -s lpbuildbot-node buildbot-worker sudo | grep -c '^Status: install ok installed'",
    ),
    /^3$/,
  );
  assert.ok(site.asked.includes(`/apt/pool/lpbuildbot-worker_${present}_all.deb`));
});

test('every command tells its version and its help, to everybody', async () => {
  const names = (await machine.sh('ls /usr/bin/lpbuildbot-*')).split('\n');
  assert.ok(names.length >= 2);
  for (const name of names) {
    assert.equal(await machine.sh(`${name} --version`), `${basename(name)} ${present}`);
    assert.match(
      await machine.sh(`setpriv --reuid=65534 --clear-groups ${name} --help`),
      /^Usage: lpbuildbot-/,
    );
    assert.match(await machine.sh(`man -w ${basename(name)}`), /\/usr\/share\/man\/man[18]\//);
  }
});

test('bash completes the options', async () => {
  const script =
    'source /usr/share/bash-completion/bash_completion; _completion_loader lpbuildbot-worker-setup; complete -p lpbuildbot-worker-setup';
  assert.match(
    await machine.sh(`bash -c '${script}'`),
    /complete .*lpbuildbot_worker_setup lpbuildbot-worker-setup/,
  );
});

test('the services are enabled and idle, because no worker is set up', async () => {
  const units = 'buildslave.service lpbuildbot-clean-containers.timer lpbuildbot-refresh-images.timer';
  assert.equal(await machine.sh(`systemctl is-enabled ${units}`), 'enabled\nenabled\nenabled');
  assert.match(
    await machine.sh('systemctl show -p ActiveState -p ConditionResult buildslave.service'),
    /inactive[\s\S]*no/,
  );
  assert.equal(await machine.sh(`systemctl --failed --no-legend | grep -E 'lpb|buildslave' || true`), '');
  assert.match(
    await machine.sh('systemctl list-timers --all --no-legend'),
    /lpbuildbot-clean-containers[\s\S]*lpbuildbot-refresh-images|lpbuildbot-refresh-images[\s\S]*lpbuildbot-clean-containers/,
  );
});

test('systemd and sudo find nothing wrong with what they got', async () => {
  const units = await machine.sh(
    'ls /lib/systemd/system/*lpbuildbot* /lib/systemd/system/buildslave.service | tr "\\n" " "',
  );
  assert.equal(await machine.sh(`systemd-analyze verify --recursive-errors=no ${units} 2>&1`), '');
  assert.match(await machine.sh('visudo -c'), /lpbuildbot-worker: parsed OK/);
  assert.equal(await machine.sh('stat -c "%a %U" /etc/sudoers.d/lpbuildbot-worker'), '440 root');
});

test('buildbot may become root for one command and no other', async () => {
  const listed = await machine.sh('sudo -l -U buildbot');
  assert.deepEqual(listed.match(/\(.*\) NOPASSWD: .*/g), ['(root) NOPASSWD: /usr/bin/lpbuildbot-run']);
  const other = await machine.run('setpriv --reuid=buildbot --regid=buildbot --init-groups sudo -n id');
  assert.notEqual(other.code, 0);
});

test('doctor tells of an apt that is at work, and of a package that was left half-way', async () => {
  const held =
    "import fcntl, time; file = open('/var/lib/dpkg/lock-frontend', 'w'); fcntl.lockf(file, fcntl.LOCK_EX); time.sleep(600)";
  const pid = await machine.sh(`python3 -c "${held}" >/dev/null 2>&1 & echo $!`);
  await machine.until('doctor sees who holds the lock', async () =>
    (await machine.run('lpbuildbot-doctor')).output.includes(`python3 (process ${pid}) is at work`),
  );
  await machine.sh(`kill ${pid}`);
  await machine.sh(
    `cd /root && apt-get -qq download lpbuildbot-node && dpkg --unpack lpbuildbot-node_*.deb && rm lpbuildbot-node_*.deb`,
  );
  const { code, output } = await machine.run('lpbuildbot-doctor');
  assert.equal(code, 1);
  assert.match(output, /^problem +apt +not installed completely: lpbuildbot-node: dpkg --configure -a/m);
  await machine.sh('dpkg --configure -a');
  assert.doesNotMatch((await machine.run('lpbuildbot-doctor')).output, /not installed completely/);
});

test('commands say in a sentence what they lack: LXD that is not there, rights, root', async () => {
  const failures = [
    ['systemctl stop lxd.socket lxd.service; lpbuildbot-list-images', /LXD does not answer on /],
    ['setpriv --reuid=65534 --clear-groups lpbuildbot-doctor', /only root sees all of it/],
    ['setpriv --reuid=65534 --clear-groups lpbuildbot-worker-setup --remove', /run it as root/],
  ] as const;
  for (const [script, told] of failures) {
    const { code, output } = await machine.run(script);
    assert.equal(code, 1, output);
    assert.match(output, told);
    assert.equal(output.trimEnd().split('\n').length, 1, output);
  }
});

test('set-up writes the password for the worker alone, starts it, and does nothing the second time', async () => {
  await machine.write('/root/password', 'hunter2\n', '0600');
  const setUp = `lpbuildbot-worker-setup --master ${site.host}:1 --name one --password-file /root/password 2>&1`;
  assert.match(await machine.sh(setUp), /started buildslave.service/);
  assert.equal(await machine.sh('stat -c "%a %U" /var/lib/buildbot/slaves/buildbot.tac'), '600 buildbot');
  await machine.until(
    'the worker runs',
    async () => (await machine.run('systemctl is-active buildslave')).code === 0,
  );
  await machine.until('it tries the master', async () =>
    (await machine.run('cat /var/lib/buildbot/slaves/twistd.log')).output.includes(
      'Setting up SIGHUP handler',
    ),
  );
  assert.match(await machine.sh(setUp), /^nothing to do: this is worker one of /);
  const traces = await machine.run(
    'grep -rl hunter[2] /proc/[0-9]*/cmdline /proc/[0-9]*/environ /var/log /run/log 2>/dev/null',
  );
  assert.equal(traces.output.replace(/\/proc\/(self|thread-self)\S*\n?/g, ''), '');
});

test('an upgrade and a downgrade keep the settings; the worker is started anew', async () => {
  await repository.add(await buildVersion(join(directory, 'next'), VERSIONS.next));
  const pid = () => machine.sh('systemctl show -p MainPID --value buildslave');
  const tac = () => machine.sh('sha256sum /var/lib/buildbot/slaves/buildbot.tac');
  const kept = await tac();
  for (const [how, version] of [
    [`${UPDATE} && ${APT} upgrade`, VERSIONS.next],
    [`${APT} --allow-downgrades install lpbuildbot-worker=${present}`, present],
  ] as const) {
    const old = await pid();
    await machine.sh(how);
    assert.equal(await installedVersion(), version);
    await machine.until('another worker runs', async () => {
      const now = await pid();
      return now !== '0' && now !== old;
    });
    assert.equal(await machine.sh('lpbuildbot-worker-setup --version'), `lpbuildbot-worker-setup ${version}`);
    assert.equal(await tac(), kept);
  }
});

test('an upgrade of the distribution’s worker reaches the running one', async () => {
  const old = await machine.sh('systemctl show -p MainPID --value buildslave');
  await machine.sh(`${APT} --reinstall install buildbot-worker`);
  await machine.until('another worker runs', async () => {
    const now = await machine.sh('systemctl show -p MainPID --value buildslave');
    return now !== '0' && now !== old;
  });
});

test('removal stops the worker; installed again it goes on as before', async () => {
  await machine.sh(`${APT} remove lpbuildbot-worker`);
  assert.equal((await machine.run('pgrep -u buildbot')).output, '');
  assert.match(await machine.sh('ls /var/lib/buildbot/slaves'), /buildbot.tac/);
  await machine.sh(`${APT} install lpbuildbot-worker=${present}`);
  await machine.until(
    'the worker runs',
    async () => (await machine.run('systemctl is-active buildslave')).code === 0,
  );
});

test('a worker is given up: it stops, and does not start at the next boot', async () => {
  assert.match(
    await machine.sh('lpbuildbot-worker-setup --remove 2>&1'),
    /no worker is set up here any more/,
  );
  await machine.until(
    'it has ended',
    async () => (await machine.run('systemctl is-active buildslave')).output.trim() === 'inactive',
  );
  await machine.sh('systemctl start buildslave');
  assert.equal((await machine.run('systemctl is-active buildslave')).output.trim(), 'inactive');
  assert.match(await machine.sh('lpbuildbot-worker-setup --remove 2>&1'), /^nothing to do/);
});

test('a purge leaves nothing but checkouts and logs', async () => {
  await machine.sh(
    `lpbuildbot-worker-setup --master ${site.host}:1 --name one --password-file /root/password`,
  );
  await machine.sh(
    'echo "name: x" >/etc/lpbuildbot/images.d/x.yaml; install -d -o buildbot /var/lib/buildbot/slaves/checkout',
  );
  await machine.sh(`${APT} purge lpbuildbot-worker lpbuildbot-node`);
  const left = (await filesOf()).split('\n');
  assert.deepEqual(
    left.filter(
      (path) =>
        !/^\/var\/lib\/buildbot\/(workers|slaves(\/(checkout|twistd\.log|twistd\.hostname|info(\/\w+)?))?)$/.test(
          path,
        ),
    ),
    [],
  );
  assert.ok(left.includes('/var/lib/buildbot/slaves/checkout'));
  assert.equal(await machine.sh('grep -c "^root:" /etc/subuid'), '1');
});

test('a purge that was told to leaves not even those', async () => {
  await machine.sh(`${APT} install lpbuildbot-worker=${present}`);
  await machine.sh(
    'echo "lpbuildbot-worker lpbuildbot-worker/purge-data boolean true" | debconf-set-selections',
  );
  await machine.sh(`${APT} purge lpbuildbot-worker lpbuildbot-node`);
  assert.deepEqual((await filesOf()).split('\n'), ['/var/lib/buildbot/workers']);
});

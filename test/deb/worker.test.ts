/** A whole worker on a fresh machine with an LXD of its own: images, builds in containers, upgrades and faults while builds run. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { BuildMaster } from './build-master.ts';
import { Machine, machineName } from './lxc.ts';
import { BASE_ROOTFS, ensureMachineImage } from './machine-image.ts';
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

const recipes = `images:
  plain:
    base: { rootfs: ${BASE_ROOTFS} }
    keep: 1
  painted:
    base: plain
    environment: { COLOUR: red }
    files:
      - { path: /etc/painted, content: "with love\\n" }
    commands: ['echo layered >/etc/layered']
    smoke: ['grep love /etc/painted']
    keep: 1
`;

let directory: string;
let repository: Repository;
let site: Site;
let machine: Machine;
let master: BuildMaster;
let present: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'worker-'));
  repository = await createRepository(join(directory, 'apt'));
  const files = await presentPackages();
  present = /lpbuildbot-worker_(.+)_all/.exec(files.map((file) => basename(file)).join())?.[1] ?? '';
  await repository.add(...files);
  site = await serve(directory);
  const builders = [
    { name: 'plain', image: 'plain' },
    { name: 'painted', image: 'painted' },
  ];
  master = await BuildMaster.start(
    directory,
    site.host,
    site.url,
    { name: 'one', password: 'hunter2' },
    builders,
  );
  machine = await Machine.launch(await ensureMachineImage(console.error), machineName('worker'), 'nesting');
  await addSource(machine, `${site.url}/apt`);
  await machine.sh(`${UPDATE} && ${APT} install lpbuildbot-worker`);
  await machine.sh(
    [
      'lxd waitready --timeout=60',
      'lxc -q storage create default btrfs source=/btrfs-pool',
      'lxc -q network create lxdbr0 ipv4.address=10.177.77.1/24 ipv4.nat=true ipv6.address=none',
      'lxc -q profile device add default root disk path=/ pool=default',
      'lxc -q profile device add default eth0 nic name=eth0 network=lxdbr0',
    ].join(' && '),
  );
});

after(async () => {
  await machine?.destroy();
  await master?.stop();
  await site?.stop();
  await repository?.destroy();
  await rm(directory, { recursive: true, maxRetries: 5 });
});

const workerPid = (): Promise<string> => machine.sh('systemctl show -p MainPID --value buildslave');
const containers = async (): Promise<string[]> =>
  (await machine.sh('lxc list --format=csv -c ns')).split('\n').filter((line) => line.endsWith(',RUNNING'));
const doctor = (): Promise<string> => machine.sh('lpbuildbot-doctor || true');

/** A build that goes on until `finish` is called. */
const waiting =
  'touch started; until [ -e finish ]; do sleep 0.1; done; echo finished by $(cat /etc/hostname)';
const started = (builder: string): Promise<void> =>
  machine.until(
    'the build has started',
    async () => (await machine.run(`test -e /var/lib/buildbot/slaves/${builder}/build/started`)).code === 0,
  );
const finish = (builder: string): Promise<string> =>
  machine.sh(`touch /var/lib/buildbot/slaves/${builder}/build/finish`);

test('images are made from recipes: one from a root file system, one on top of it', async () => {
  await machine.write('/etc/lpbuildbot/images.d/site.yaml', recipes);
  await machine.sh('lpbuildbot-create-image --all 2>&1');
  assert.match(await machine.sh('lpbuildbot-list-images'), /painted +current[\s\S]*plain +current/);
});

test('doctor sees that there is no worker yet, and what else is in order', async () => {
  const told = await doctor();
  assert.match(told, /^ok +lxd +LXD 5/m);
  assert.match(told, /^ok +images +painted is .* old/m);
  assert.match(told, /^warning +worker +this machine is no worker yet/m);
});

test('a worker that trusts another authority does not tell its password', async () => {
  await machine.write('/root/password', 'hunter2\n', '0600');
  await machine.sh(
    'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out /root/other.pem -days 2 -subj /CN=other 2>&1',
  );
  await machine.sh(setUp('/root/other.pem'));
  await machine.until('it has tried', async () =>
    (await doctor()).includes('can be reached and there is no connection'),
  );
  assert.equal(await master.isConnected('one'), false);
});

const setUp = (authority: string): string =>
  `lpbuildbot-worker-setup --master ${site.host}:${master.port} --name one --password-file /root/password --tls-ca ${authority} 2>&1`;

test('a worker with the right one connects', async () => {
  await machine.push(master.authority, '/root/ca.pem');
  await machine.sh(setUp('/root/ca.pem'));
  await machine.until('it is connected', () => master.isConnected('one'));
  await machine.until('doctor sees it', async () => /^ok +worker +connected to /m.test(await doctor()));
});

test('a build runs in a fresh container of its image, as an ordinary user, on the checkout', async () => {
  const revision = await master.commit(
    'plain',
    'id -un; pwd; cat /etc/hostname; env | sort; ls; echo made >made; false',
  );
  const build = await master.build('plain', revision, 'ended');
  const output = await master.output(build);
  assert.equal(build.result, 'red', output);
  assert.match(output, /^buildbot$/m);
  assert.match(output, /^\/var\/lib\/buildbot\/slaves\/plain\/build$/m);
  assert.match(output, /^build\.sh$/m);
  assert.doesNotMatch(output, /SUDO|hunter2|NODE_/);
  assert.equal(await machine.sh('stat -c %U /var/lib/buildbot/slaves/plain/build/made'), 'buildbot');
  assert.deepEqual(await containers(), []);
});

test('a flavor has what was put on top of the base', async () => {
  const revision = await master.commit('painted', 'cat /etc/painted /etc/layered; echo "colour $COLOUR"');
  const build = await master.build('painted', revision, 'ended');
  const output = await master.output(build);
  assert.equal(build.result, 'green', output);
  assert.match(output, /with love\nlayered\ncolour red/);
});

test('a build sees neither the password nor the machine', async () => {
  const revision = await master.commit(
    'plain',
    'cat /var/lib/buildbot/slaves/buildbot.tac; ls /var/lib/buildbot/slaves; ls /var/lib/lxd; cat /proc/1/comm; sudo -n true; exit 0',
  );
  const build = await master.build('plain', revision, 'ended');
  const output = await master.output(build);
  assert.match(output, /buildbot\.tac: (No such file|Permission denied)/);
  assert.doesNotMatch(output, /hunter2/);
});

test('the worker itself gets no container of another image and binds nothing but builds', async () => {
  const asWorker = (words: string) =>
    machine.run(`cd / && setpriv --reuid=buildbot --regid=buildbot --init-groups ${words}`);
  const outside = await asWorker('lpbuildbot-run --image plain --bind /etc -- true');
  assert.equal(outside.code, 125);
  assert.match(outside.output, /not a directory of a build/);
  const own = await asWorker('lpbuildbot-run --image plain --bind /var/lib/buildbot/slaves -- true');
  assert.equal(own.code, 125);
  assert.match(own.output, /not a directory of a build/);
  const lxc = await asWorker('lxc list');
  assert.notEqual(lxc.code, 0);
});

test('an upgrade in the middle of a build: it ends green on the old worker, the next one runs on the new', async () => {
  const old = await workerPid();
  const revision = await master.commit('plain', waiting);
  const running = await master.build('plain', revision, 'runs');
  await started('plain');
  await repository.add(await buildVersion(join(directory, 'next'), VERSIONS.next));
  await machine.sh(`${UPDATE} && ${APT} upgrade`);
  assert.match(await machine.sh('lpbuildbot-run --version'), new RegExp(VERSIONS.next));
  assert.equal(await workerPid(), old);
  await machine.sh('systemctl start lpbuildbot-clean-containers.service');
  assert.equal((await containers()).length, 1, 'what is in use is not cleaned away');

  const next = await master.commit('painted', 'echo on the new one');
  assert.equal((await master.builds('plain')).at(-1)?.result, 'running');
  await finish('plain');
  const ended = await master.build('plain', revision, 'ended');
  assert.equal(ended.id, running.id);
  assert.equal(ended.result, 'green', await master.output(ended));
  assert.equal((await master.build('painted', next, 'ended')).result, 'green');
  assert.notEqual(await workerPid(), old);
});

test('a downgrade in the middle of a build does no harm either', async () => {
  const revision = await master.commit('plain', waiting);
  await master.build('plain', revision, 'runs');
  await started('plain');
  await machine.sh(`${APT} --allow-downgrades install lpbuildbot-worker=${present}`);
  await finish('plain');
  const ended = await master.build('plain', revision, 'ended');
  assert.equal(ended.result, 'green', await master.output(ended));
  await machine.until('it is connected', () => master.isConnected('one'));
});

test('a worker that is killed comes back, its container is cleaned away, and its build is built again', async () => {
  const revision = await master.commit('plain', waiting);
  await master.build('plain', revision, 'runs');
  await started('plain');
  await machine.sh('systemctl kill --signal=SIGKILL buildslave');
  await machine.until('another one runs', async () => (await workerPid()) !== '0');
  await started('plain');
  await machine.sh('systemctl start lpbuildbot-clean-containers.service');
  await machine.until('one container is left', async () => (await containers()).length === 1);
  await finish('plain');
  await machine.until('it ends', async () => (await master.builds('plain')).at(-1)?.result === 'green');
});

test('LXD is away for a while: the build says so, doctor too, and the next build is as ever', async () => {
  await machine.sh('systemctl stop lxd.socket lxd.service');
  assert.match(await doctor(), /^problem +lxd +LXD does not answer/m);
  const revision = await master.commit('painted', 'echo back again');
  await master.build('painted', revision, 'runs');
  await machine.sh('systemctl start lxd.socket lxd.service && lxd waitready --timeout=60');
  const build = await master.build('painted', revision, 'ended');
  assert.equal(build.result, 'green', await master.output(build));
});

test("the timers' services do their work, and tell Prometheus of the images", async () => {
  const file = '/var/lib/prometheus/node-exporter/lpbuildbot.prom';
  // As the package prometheus-node-exporter has it.
  await machine.sh(`mkdir -p $(dirname ${file})`);
  for (const service of ['lpbuildbot-clean-containers', 'lpbuildbot-refresh-images']) {
    await machine.sh(`systemctl start ${service}.service`);
    assert.equal(await machine.sh(`systemctl show -p Result --value ${service}.service`), 'success');
    const told = await machine.sh(`cat ${file} && rm ${file}`);
    assert.match(told, /^lpbuildbot_image_present\{image="\w+"\} 1$/m);
    assert.match(told, /^lpbuildbot_image_created_timestamp_seconds\{image="\w+"\} \d{10}(\.\d+)?$/m);
  }
  await machine.sh('systemctl start lpbuildbot-clean-containers.service');
  assert.match(
    await machine.sh('journalctl -u lpbuildbot-refresh-images --output=cat --no-pager'),
    /"name":"lpbuildbot-create-image"/,
  );
  const told = await doctor();
  assert.equal(/^problem/m.test(told), false, told);
});

test('a removal in the middle of a build leaves no container behind', async () => {
  const revision = await master.commit('plain', waiting);
  await master.build('plain', revision, 'runs');
  await started('plain');
  await machine.sh(`${APT} remove lpbuildbot-worker`);
  assert.equal(await machine.sh('ls /var/lib/prometheus/node-exporter'), '');
  assert.deepEqual(await containers(), []);
  assert.equal((await machine.run('pgrep -u buildbot')).output, '');
});

/** lpbuildbot-run against a real LXD: what the command finds in its container, how it may end, and that no container stays. */
import assert from 'node:assert/strict';
import { chownSync, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { OWNER, type Program, RunWorld, until } from './run-world.ts';

let world: RunWorld;

before(async () => {
  world = await RunWorld.open();
  await world.ensureImage();
});
after(() => world[Symbol.asyncDispose]());

async function gone(program: Program): Promise<void> {
  assert.deepEqual(await world.containers(program.process), []);
}

describe('the command', () => {
  it('has its own output, errors and exit code', async () => {
    const { code, out, err } = await world.sh('echo out; echo err >&2; exit 7');
    assert.equal(code, 7);
    assert.equal(out, 'out\n');
    assert.match(err, /^(.*warning: preparing.*\n)?err\n$/);
  });

  it("is run by the owner of the bound directory, in that directory, and its files are that owner's", async () => {
    const { out } = await world.sh(
      'id -u; id -un; pwd; touch made; mkdir deep; echo "$HOME"; test -w "$HOME" && echo home',
    );
    assert.equal(out, `${OWNER}\nbuildbot\n${world.bound}\n/home/buildbot\nhome\n`);
    for (const name of ['made', 'deep']) assert.equal((await stat(join(world.bound, name))).uid, OWNER);
  });

  it('finds nothing of our environment, and what it is given', async () => {
    process.env.LPB_SECRET = 'secret';
    const { out } = await world.sh('env', '--env', 'GREETING=hello = world', '--env', 'EMPTY=');
    const names = out.split('\n').map((line) => line.split('=')[0]);
    assert.ok(!out.includes('secret'));
    assert.match(out, /^GREETING=hello = world$/m);
    assert.match(out, /^EMPTY=$/m);
    const usual = [
      '',
      'EMPTY',
      'GREETING',
      'HOME',
      'LANG',
      'LOGNAME',
      'PATH',
      'PWD',
      'SHELL',
      'USER',
      'container',
    ];
    assert.deepEqual(names.toSorted(), usual);
  });

  it('has a network, names and its loopback from its first moment', async () => {
    const { code, out } = await world.run(
      [
        'sh',
        '-c',
        'getent hosts lpbuildbot-test.lxd || true; ip route; ip -o link show lo; hostname; hostname -f',
      ],
      [],
    );
    assert.equal(code, 0);
    assert.match(out, /^default via /m);
    assert.match(out, /lo: <LOOPBACK,UP/);
    assert.match(out, /build\nbuild\n$/);
  });

  it('still has the same address when the system is up, and every service of it runs', async () => {
    // Asked at once, the first process may not listen yet.
    const up =
      'until systemctl is-system-running | grep -Ex "running|degraded"; do sleep 0.1; done 2>/dev/null';
    const { out } = await world.sh(
      `first=$(hostname -I); ${up}; test "$first" = "$(hostname -I)" && echo same`,
    );
    assert.equal(out, 'running\nsame\n');
  });

  it('has no network when it is to have none, but its loopback', async () => {
    const { out } = await world.sh('ls /sys/class/net; ip route; ip -o link show lo', '--network', 'none');
    assert.match(out, /^lo\n1: lo: <LOOPBACK,UP/);
  });

  it('keeps to its limits', async () => {
    assert.equal((await world.sh('nproc', '--cpus', '1')).out, '1\n');
    const { code } = await world.sh('tail /dev/zero', '--memory', '64MiB');
    assert.equal(code, 137);
  });

  it("reads the checkout's .git and cannot write it, since git runs what it finds there", async () => {
    const repository = join(world.bound, '.git');
    await mkdir(join(repository, 'hooks'), { recursive: true });
    await writeFile(join(repository, 'config'), '[core]\n');
    for (const path of [repository, join(repository, 'hooks'), join(repository, 'config')])
      chownSync(path, OWNER, OWNER);
    const attempts = [
      'echo "#!/bin/sh" > .git/hooks/post-checkout',
      'echo fsmonitor=evil >> .git/config',
      'mv .git other',
      'rm -r .git',
      'umount .git',
    ];
    const script = attempts.map((attempt) => `${attempt} 2>/dev/null && echo 'done: ${attempt}'`).join('; ');
    const { code, out } = await world.sh(`${script}; cat .git/config; touch beside`);
    assert.deepEqual([code, out], [0, '[core]\n']);
    assert.deepEqual(await readdir(join(repository, 'hooks')), []);
    assert.equal(await readFile(join(repository, 'config'), 'utf8'), '[core]\n');
    assert.ok(existsSync(join(world.bound, 'beside')));
    await rm(repository, { recursive: true });
    await symlink('/tmp', repository);
    const odd = await world.sh('true');
    assert.equal(odd.code, 125);
    assert.match(odd.err, /\.git is not a git repository that can be kept from being written to/);
    await rm(repository);
  });

  it('finds nothing of the one before', async () => {
    await world.sh('echo old > "$HOME/left"; echo old > /tmp/left');
    assert.equal((await world.sh('ls "$HOME" /tmp | grep left; true')).out, '');
  });

  it('cannot be found, cannot be run, is killed: codes as shells have them', async () => {
    assert.equal((await world.run(['no-such-command'])).code, 127);
    assert.equal((await world.run(['/etc/hosts'])).code, 126);
    assert.equal((await world.sh('kill -9 $$')).code, 137);
  });

  it('delivers much output to a slow reader, whole', async () => {
    const program = world.start(['sh', '-c', 'head -c 30000000 /dev/zero; echo end >&2']);
    let bytes = 0;
    program.process.stdout?.removeAllListeners('data').on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      program.process.stdout?.pause();
      setImmediate(() => program.process.stdout?.resume());
    });
    assert.equal((await program.ended).code, 0);
    assert.equal(bytes, 30_000_000);
  });

  it('is over when it ends, whatever it leaves running', async () => {
    const { code, out } = await world.sh('sleep 1000 & echo started; exit 3');
    assert.deepEqual([code, out], [3, 'started\n']);
  });

  it('is not run when there is no such image, or nothing to bind', async () => {
    const missing = await world.command('lpbuildbot-run', '--image', 'no-such-image', '--', 'true');
    assert.equal(missing.code, 125);
    assert.match(missing.err, /there is no image "no-such-image"/);
    const unbound = await world.run(['true'], ['--bind', '/no/such/directory']);
    assert.equal(unbound.code, 125);
    assert.match(unbound.err, /there is no directory/);
    assert.match((await world.run(['true'], ['--bind', '/etc'])).err, /belongs to root/);
  });
});

describe('the container is gone', () => {
  it('when the time is over', async () => {
    const program = world.start(['sleep', '1000'], ['--timeout', '1s']);
    const { code, err } = await program.ended;
    assert.equal(code, 124);
    assert.match(err, /longer than 1 s/);
    await gone(program);
  });

  it('even when the command does not want to end', async () => {
    const program = world.start(
      ['sh', '-c', 'trap "" TERM; echo deaf; while :; do sleep 1; done'],
      ['--timeout', '1s'],
    );
    assert.equal((await program.ended).code, 124);
    await gone(program);
  });

  it('after a signal, which the command gets and answers', async () => {
    const program = world.start([
      'sh',
      '-c',
      'trap "echo bye; exit 9" TERM; echo up; while :; do sleep 0.1; done',
    ]);
    await program.says(/up/);
    program.process.kill('SIGTERM');
    const { code, out } = await program.ended;
    assert.deepEqual([code, out], [9, 'up\nbye\n']);
    await gone(program);
  });

  it('after a signal that ends the command', async () => {
    const program = world.start(['sh', '-c', 'echo up; exec sleep 1000']);
    await program.says(/up/);
    program.process.kill('SIGINT');
    assert.equal((await program.ended).code, 130);
    await gone(program);
  });

  it('at the second signal, when the command does not hear the first', async () => {
    const program = world.start(['sh', '-c', 'trap "echo heard" TERM; echo up; while :; do sleep 0.1; done']);
    await program.says(/up/);
    program.process.kill('SIGTERM');
    await program.says(/heard/);
    program.process.kill('SIGTERM');
    assert.equal((await program.ended).code, 143);
    await gone(program);
  });

  it('when a signal comes while it is being made', async () => {
    const program = world.start(['true']);
    await until(async () => (await world.containers(program.process)).length > 0, 'it is being made');
    program.process.kill('SIGTERM');
    const { code } = await program.ended;
    assert.ok(code === 143 || code === 0, `exit code ${code}`);
    await gone(program);
  });

  it('when nobody reads the output any more', async () => {
    const program = world.start(['sh', '-c', 'echo up; while :; do echo more; done']);
    await program.says(/up/);
    program.process.stdout?.destroy();
    assert.equal((await program.ended).code, 129);
    await gone(program);
  });

  it('with the next run, after a SIGKILL; one that lives is left alone', async () => {
    const killed = world.start(['sh', '-c', 'echo up; sleep 1000']);
    const living = world.start(['sh', '-c', `echo up; until [ -e ${world.bound}/go ]; do sleep 0.1; done`]);
    await Promise.all([killed.says(/up/), living.says(/up/)]);
    killed.process.kill('SIGKILL');
    await killed.ended;
    assert.equal((await world.containers(killed.process)).length, 1);
    assert.equal((await world.sh('true')).code, 0);
    await gone(killed);
    assert.equal((await world.containers(living.process)).length, 1);
    await writeFile(join(world.bound, 'go'), '');
    assert.equal((await living.ended).code, 0);
    await gone(living);
  });

  it('with lpbuildbot-clean-containers, after a SIGKILL', async () => {
    const killed = world.start(['sh', '-c', 'echo up; sleep 1000']);
    await killed.says(/up/);
    killed.process.kill('SIGKILL');
    await killed.ended;
    const [name = ''] = await world.containers(killed.process);
    const dry = await world.command('lpbuildbot-clean-containers', '--dry-run');
    assert.match(dry.out, new RegExp(`^would remove container ${name}: what had made it is gone$`, 'm'));
    assert.deepEqual(await world.containers(killed.process), [name]);
    const { code, out } = await world.command('lpbuildbot-clean-containers');
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^removed container ${name}`, 'm'));
    await gone(killed);
  });

  it('twenty times at once, each with an address of its own', async () => {
    const programs = Array.from({ length: 20 }, () =>
      world.start(['sh', '-c', 'hostname -I; getent hosts build']),
    );
    const ended = await Promise.all(programs.map((program) => program.ended));
    assert.deepEqual(ended.map(({ code, err }) => (code === 0 ? '' : err)).filter(Boolean), []);
    const addresses = ended.map(({ out }) => out.split('\n')[0]);
    assert.equal(new Set(addresses).size, 20);
    for (const program of programs) await gone(program);
  });
});

describe('whoever comes by way of sudo', () => {
  const base = '/var/lib/buildbot/slaves';
  const builder = join(base, `run-test-${process.pid}`);
  const build = join(builder, 'build');
  const made: string[] = [];

  before(async () => {
    for (const path of ['/var/lib/buildbot', base, builder, build]) {
      if (existsSync(path)) continue;
      await mkdir(path);
      made.push(path);
    }
    for (const path of [builder, build]) chownSync(path, OWNER, OWNER);
  });
  after(async () => {
    await rm(builder, { recursive: true });
    for (const path of made.slice(0, -2).toReversed())
      if ((await readdir(path)).length === 0) await rm(path, { recursive: true });
  });

  it("gets a build's directory, and sees nothing of the ones beside it", async () => {
    await writeFile(join(builder, 'password'), 'hunter2\n');
    const { code, out } = await world.startFor(OWNER, ['sh', '-c', `cd ${builder} && ls`], ['--bind', build])
      .ended;
    assert.deepEqual([code, out], [0, 'build\n']);
  });

  it('gets no other directory, nor learns what there is', async () => {
    await symlink('../..', join(build, 'up'));
    for (const path of [base, world.bound, '/root', '/no/such/directory', join(build, 'up')]) {
      const { code, err } = await world.startFor(OWNER, ['true'], ['--bind', path]).ended;
      assert.equal(code, 125, path);
      assert.match(err, /is not a directory of a build/, path);
    }
    const { code, err } = await world.startFor(OWNER + 1, ['true'], ['--bind', build]).ended;
    assert.equal(code, 125);
    assert.match(err, /belongs to another user/);
  });

  it('passes signals on in writing, and by no other way', async () => {
    const script = 'trap "echo usr1" USR1; trap "exit 9" TERM; echo up; while :; do sleep 0.1; done';
    const program = world.startFor(OWNER, ['sh', '-c', script], ['--bind', build]);
    await program.says(/up/);
    program.process.kill('SIGTERM');
    program.process.stdin?.write('SIGUSR1\nnonsense\n');
    await program.says(/usr1/);
    program.process.stdin?.write('SIGTERM\n');
    assert.equal((await program.ended).code, 9);
  });

  it('takes everything along when it is killed', async () => {
    const program = world.startFor(OWNER, ['sh', '-c', 'echo up; sleep 1000'], ['--bind', build]);
    await program.says(/up/);
    program.process.stdin?.end();
    const { code, err } = await program.ended;
    assert.equal(code, 129);
    assert.match(err, /the program that had started this one is gone/);
    await gone(program);
  });

  it('cannot exchange the directory for another one while the container is made', async () => {
    const moved = `${build}-moved`;
    const other = join(builder, 'other');
    await mkdir(other);
    chownSync(other, OWNER, OWNER);
    const program = world.startFor(OWNER, ['touch', 'reached'], ['--bind', build]);
    // From now on LXD looks at the path, and may find either: what it must not do is run with the other one.
    await until(async () => (await world.containers(program.process)).length > 0, 'it is being made');
    await rename(build, moved);
    await rename(other, build);
    const { code } = await program.ended;
    assert.ok(!existsSync(join(build, 'reached')));
    assert.ok(code === 0 || code === 125, `exit code ${code}`);
    await gone(program);
    await rename(build, other);
    await rename(moved, build);
  });
});

it('leaves what it has not made alone', async () => {
  const text = await readFile('/proc/self/mountinfo', 'utf8');
  assert.doesNotMatch(text, new RegExp(`${world.directory}`));
});

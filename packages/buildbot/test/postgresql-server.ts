/**
 * A PostgreSQL server of the distribution, for one test: its own data, a socket in its own directory, no port.
 */
import { chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';

export interface PostgresqlServer {
  /** SQLAlchemy's URL, with the password in it. */
  readonly url: string;
  readonly password: string;
  /** Ends it as if it were updated, does something meanwhile, and starts it again. */
  restart(meanwhile: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

const INSTALLED = '/usr/lib/postgresql';

/** Starts a server with an empty database. PostgreSQL refuses to run as root, so it then runs as somebody else. */
export async function startPostgresql(): Promise<PostgresqlServer> {
  const versions = (await readdir(INSTALLED).catch(() => [])).sort((a, b) => Number(a) - Number(b));
  const version = versions.at(-1);
  if (version === undefined) {
    throw new Error(
      'PostgreSQL is missing: install its server (on Debian and Ubuntu: apt install postgresql).',
    );
  }
  const bin = join(INSTALLED, version, 'bin');
  const directory = await mkdtemp(join(tmpdir(), 'lpbuildbot-pg-'));
  const user = process.getuid?.() === 0 ? await someoneElse() : undefined;
  if (user !== undefined) await chown(directory, user.uid, user.gid);
  const password = 'pg/pass:word@1';
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, password, { mode: 0o644 });
  const env = { PGPASSWORD: password, PGHOST: directory, PGUSER: 'bot', LC_ALL: 'C' };
  const options = { ...user, env, cwd: directory };
  await execa(
    join(bin, 'initdb'),
    [
      ...['--pgdata=data', '--username=bot', `--pwfile=${passwordFile}`],
      ...['--auth=scram-sha-256', '--encoding=UTF8', '--no-locale', '--no-sync'],
    ],
    options,
  );
  const start = async () => {
    const server = execa(
      join(bin, 'postgres'),
      ['-D', 'data', '-k', directory, '-c', 'listen_addresses=', '-c', 'fsync=off'],
      { ...options, reject: false },
    );
    const ready = async () =>
      (await execa(join(bin, 'pg_isready'), { ...options, reject: false })).exitCode === 0;
    for (let tries = 0; !(await ready()); tries++) {
      if (tries > 300 || server.exitCode !== null) {
        server.kill();
        throw new Error(`PostgreSQL did not start: ${(await server).stderr}`);
      }
      await sleep(100);
    }
    // Not the promise itself: whoever awaits this would wait for the server's end.
    return async () => {
      // Fast shutdown, as in pg_ctl(1).
      server.kill('SIGINT');
      await server;
    };
  };
  let end = await start();
  await execa(join(bin, 'createdb'), ['buildbot'], options);
  const url = `postgresql+psycopg://bot:${encodeURIComponent(password)}@/buildbot?host=${directory}`;
  return {
    url,
    password,
    restart: async (meanwhile) => {
      await end();
      await meanwhile();
      end = await start();
    },
    stop: async () => {
      await end();
      await rm(directory, { recursive: true });
    },
  };
}

async function someoneElse(): Promise<{ uid: number; gid: number }> {
  const name =
    (await execa('id', ['-u', 'postgres'], { reject: false })).exitCode === 0 ? 'postgres' : 'nobody';
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (which) => Number((await execa('id', [which, name])).stdout)),
  );
  if (uid === undefined || gid === undefined) throw new Error(`no user ${name}`);
  return { uid, gid };
}

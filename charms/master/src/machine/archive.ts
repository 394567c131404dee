/** Backups: one file with what is on the storage and cannot be made again. Only root reads it: passwords are in it. */
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MASTER_USER, PROMOTION_USER, places } from '../places.ts';
import type { Archive } from './machine.ts';
import { mustRun, runProgram } from './run.ts';

/** What a backup has, and a restoration replaces. */
const PARTS = ['lpbuildbot', 'promotion', 'authority', 'web-users.json'];
const OWNERS = { lpbuildbot: MASTER_USER, promotion: PROMOTION_USER };
/** SQLite's own way of copying a database that is in use (docs.python.org, sqlite3.Connection.backup). */
const COPY_DATABASE =
  'import sqlite3, sys; a, b = map(sqlite3.connect, sys.argv[1:]); a.backup(b); b.close(); a.close()';

export const realArchive: Archive = {
  save: async (directory, python, now) => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const stage = await mkdtemp(join(places.data, '.backup-'));
    try {
      const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
      const file = join(directory, `lpbuildbot-${time}.tar.gz`);
      const database = join(places.buildbot, 'state.sqlite');
      await mkdir(join(stage, 'lpbuildbot'), { mode: 0o700 });
      const copied = await isThere(database);
      if (copied)
        await mustRun([python, '-c', COPY_DATABASE, database, join(stage, 'lpbuildbot/state.sqlite')]);
      const parts = (await readdir(places.data)).filter((name) => PARTS.includes(name));
      // 1: a file changed while it was read, as logs do.
      const { code, all } = await runProgram([
        ...['tar', '--create', '--gzip', '--file', `${file}.new`, '--numeric-owner'],
        ...[
          '--exclude=lpbuildbot/state.sqlite*',
          '--exclude=lpbuildbot/poller-*',
          '--exclude=promotion/mirrors',
        ],
        ...['--directory', places.data, ...parts],
        ...(copied ? ['--no-wildcards', '--directory', stage, '--add-file=lpbuildbot/./state.sqlite'] : []),
      ]);
      if (code > 1) throw new Error(`tar: ${all}`);
      await chmod(`${file}.new`, 0o600);
      await rename(`${file}.new`, file);
      return file;
    } finally {
      await rm(stage, { recursive: true, force: true });
    }
  },
  restore: async (file) => {
    const listed = await runProgram(['tar', '--list', '--gzip', '--file', file]);
    if (listed.code !== 0) return { kind: 'refused', reason: listed.all.trim() };
    const names = listed.stdout.split('\n').filter((name) => name !== '');
    const strange = names.find((name) => !PARTS.includes(name.split('/')[0] ?? '') || name.includes('..'));
    if (names.length === 0 || strange !== undefined) {
      return { kind: 'refused', reason: `it is no backup of a master (${strange ?? 'it is empty'})` };
    }
    const stage = await mkdtemp(join(places.data, '.restore-'));
    try {
      const extracted = await runProgram([
        'tar',
        '--extract',
        '--gzip',
        '--file',
        file,
        '--directory',
        stage,
      ]);
      if (extracted.code !== 0) return { kind: 'refused', reason: extracted.all.trim() };
      for (const [part, owner] of Object.entries(OWNERS)) {
        if (!(await isThere(join(stage, part)))) continue;
        // The numbers of users are this machine's.
        await mustRun(['chown', '--recursive', '--no-dereference', `${owner}:${owner}`, join(stage, part)]);
      }
      // Buildbot's configuration is another one then, and has to be given again.
      await rm(places.wantedFile, { force: true });
      for (const part of PARTS) {
        await rm(join(places.data, part), { recursive: true, force: true });
        if (await isThere(join(stage, part))) await rename(join(stage, part), join(places.data, part));
      }
      return { kind: 'restored' };
    } finally {
      await rm(stage, { recursive: true, force: true });
    }
  },
};

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

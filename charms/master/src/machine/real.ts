/** The real machine. What a quiet hook does not need is loaded when it is needed. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { hashPassword } from '@lpbuildbot/buildbot/logins';
import { MASTER, MASTER_USER, PROMOTION_PORT, places } from '../places.ts';
import { realPackages } from './apt.ts';
import { realAuthority } from './authority.ts';
import { idsOf, realFiles } from './files.ts';
import { realHttp } from './http.ts';
import type { Accounts, Archive, Buildbot, ConfigGit, Machine, PromotionCommand } from './machine.ts';
import { mustRun, runProgram } from './run.ts';
import { realServices } from './services.ts';

const PROMOTION_SECONDS = 15;

const accounts: Accounts = {
  ensure: async (name, home) => {
    if ((await idsOf(name)) !== undefined) return 'same';
    await mustRun([
      ...['useradd', '--system', '--user-group', '--home-dir', home, '--no-create-home'],
      ...['--shell', '/usr/sbin/nologin', name],
    ]);
    return 'changed';
  },
  remove: async (name) => {
    if ((await idsOf(name)) === undefined) return 'same';
    await mustRun(['userdel', name]);
    return 'changed';
  },
};

const git: ConfigGit = {
  fetch: async (...request) => await (await import('./git.ts')).realGit.fetch(...request),
};

const archive: Archive = {
  save: async (...request) => await (await import('./archive.ts')).realArchive.save(...request),
  restore: async (...request) => await (await import('./archive.ts')).realArchive.restore(...request),
};

const buildbot: Buildbot = {
  ensureEnvironment: async (charm) => {
    const { ensureVenv } = await import('@lpbuildbot/buildbot');
    return await ensureVenv({
      python: '/usr/bin/python3',
      directory: places.environments,
      wheels: `${charm}/wheels`,
    });
  },
  configure: async (configuration) => {
    const { configureMaster } = await import('@lpbuildbot/buildbot');
    const user = await idsOf(MASTER_USER);
    return await configureMaster({ ...configuration, ...(user === undefined ? {} : { user }) });
  },
  untilServing: async (port, seconds) => {
    const deadline = Date.now() + seconds * 1000;
    for (let looks = 1; Date.now() < deadline; looks += 1) {
      if ((await realHttp.ask({ url: `http://127.0.0.1:${port}/api/v2/workers` }))?.status === 200)
        return 'serving';
      if (looks % 10 === 0) {
        const state = (await realServices.states([MASTER])).get(MASTER)?.active;
        if (state !== 'active') return 'failed';
      }
      await sleep(100);
    }
    return 'failed';
  },
};

const promotion: PromotionCommand = {
  run: async (args) => {
    const { code, all } = await runProgram([places.command, ...args], { timeoutSeconds: 900 });
    return { code, output: all };
  },
  untilServing: async () => {
    const deadline = Date.now() + PROMOTION_SECONDS * 1000;
    while (Date.now() < deadline) {
      if ((await realHttp.ask({ url: `http://127.0.0.1:${PROMOTION_PORT}/healthz` })) !== undefined)
        return 'serving';
      await sleep(100);
    }
    return 'failed';
  },
};

export function realMachine(): Machine {
  return {
    now: () => new Date(),
    token: () => randomBytes(32).toString('base64url'),
    files: realFiles,
    packages: realPackages,
    accounts,
    services: realServices,
    authority: realAuthority,
    git,
    buildbot,
    promotion,
    http: realHttp,
    archive,
    hashPassword,
  };
}

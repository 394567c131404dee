/**
 * A site on which everything is the case that metrics, alerts and dashboard speak of: commits that wait, moves, a hold, a
 * conflict, failures, a queue, builds that run, workers in every state, images, news that nobody takes.
 */
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { imageMetrics } from '@lpbuildbot/worker-helpers/image-metrics';
import { freePort } from '../support/ports.ts';
import { builderOf, PromotionStage } from '../support/promotion-stage.ts';

export class BusySite implements AsyncDisposable {
  readonly stage: PromotionStage;
  /** Where the worker's node_exporter answers, `host:port`. */
  readonly worker: string;
  /** What it answers. */
  readonly workerText: string;
  readonly #exporter: Server;

  private constructor(stage: PromotionStage, exporter: Server, port: number, workerText: string) {
    this.stage = stage;
    this.#exporter = exporter;
    this.worker = `127.0.0.1:${port}`;
    this.workerText = workerText;
  }

  static async open(): Promise<BusySite> {
    const stage = await PromotionStage.create({
      pipeline: {
        notify: { mattermost: { channel: 'builds' }, mail: { to: ['ada@example.org'] } },
      },
      settings: {
        mattermost: { 'webhook-file': 'webhook' },
        mail: { server: 'smtp://127.0.0.1:1', from: 'lpbuildbot@example.org' },
      },
    });
    // Nobody is there who would take news.
    await writeFile(stage.world.path('webhook'), 'http://127.0.0.1:1/hooks/away');
    const { model } = stage.buildbot;
    const tested = Object.values(builderOf);
    for (const name of ['one', 'two', 'three', 'four']) model.addWorker(name, tested);
    model.changeWorker('two', { connected: false });
    model.changeWorker('three', { paused: true });
    model.changeWorker('four', { graceful: true });
    await stage.startListening();
    const first = await stage.commit('master', 'First', 'success');
    await stage.arrives('stable', first);
    await stage.remote.commit('db-devel', { message: 'Mine', files: { 'shared.txt': 'mine\n' } });
    const theirs = { message: 'Theirs', files: { 'shared.txt': 'theirs\n' } };
    await stage.arrives('stable', await stage.commit('master', theirs, 'success'));
    await stage.tells('the conflict', ({ event }) => event === 'conflict');
    await stage.command('hold', 'db-stable', '--why', 'a test', '--who', 'ada');
    const red = await stage.commit('master', 'Break it', 'failure');
    stage.buildbot.startBuild({ builder: builderOf['db-devel'], branch: 'db-devel', revision: red });
    model.request(builderOf.master, { branch: 'master', revision: null, repository: '', patched: false });
    const workerText = `${imageMetrics(images(), new Map([['focal', { maxAgeSeconds: 604_800 }]]))}${textfile()}`;
    const port = await freePort();
    const exporter = createServer((_request, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(workerText);
    });
    await new Promise<void>((listening) => exporter.listen(port, '127.0.0.1', listening));
    return new BusySite(stage, exporter, port, workerText);
  }

  /** Lets pushes be refused from now on, so that counters move while somebody scrapes. */
  async goOn(): Promise<void> {
    const { stage } = this;
    await stage.remote.refusePushes('nobody may');
    await stage.commit('master', 'Refused', 'success');
    await stage.tells('the refusal', ({ event }) => event === 'refused');
    await stage.remote.removeHooks();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#exporter.closeAllConnections();
    await new Promise((closed) => this.#exporter.close(closed));
    await this.stage[Symbol.asyncDispose]();
  }
}

/** One that is there, and one whose recipe is new. */
function images(): Parameters<typeof imageMetrics>[0] {
  const focal = {
    name: 'focal',
    state: 'current',
    fingerprint: 'f'.repeat(64),
    made: new Date(Date.now() - 3_600_000).toISOString(),
    ageSeconds: 3600,
    sizeBytes: 7e7,
    recipe: 'current',
    usedBy: 0,
    prepared: true,
  } as const;
  const none = { fingerprint: null, made: null, ageSeconds: null, sizeBytes: null, prepared: false };
  return [focal, { ...focal, ...none, name: 'jammy', state: 'missing' }];
}

/** What node_exporter adds about the file. */
function textfile(): string {
  const name = 'node_textfile_mtime_seconds';
  const file = '/var/lib/prometheus/node-exporter/lpbuildbot.prom';
  const help = 'Unixtime mtime of textfiles successfully read.';
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name}{file="${file}"} ${Date.now() / 1000}\n`;
}

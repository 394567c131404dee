/**
 * From the end of a real build to the moved branch: a real Buildbot tests a commit, an independent client of its event
 * stream notes when the build ends, and the kernel says when the branch has moved. A bare push to the same remote is
 * measured in turn.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import * as z from 'zod';
import { type System, startSystem } from '../local/system.ts';
import { GitWorld } from '../support/git-world.ts';
import { freePort } from '../support/ports.ts';
import { BenchDaemon } from './daemon.ts';
import { type Figure, median, quantile } from './figures.ts';
import { RefWatch } from './moved.ts';

const finishedSchema = z.object({ k: z.string().endsWith('/finished'), m: z.object({ results: z.int() }) });

export async function latency(promotions: number, say: (line: string) => void): Promise<Figure[]> {
  await using world = await GitWorld.create();
  const repository = await world.repository('demo');
  const first = await repository.commit('master', 'first');
  await repository.setBranch('stable', first);
  const pipeline = world.path('pipeline.yaml');
  await writeFile(
    pipeline,
    `project: bench
repository: ${repository.path}
poll: 1s
builders:
  tests: { branch: master, host: true, steps: ["true"] }
promotions:
  - { from: master, to: stable }
`,
  );
  const web = await freePort();
  const system: System = await startSystem({
    state: world.path('system'),
    venvs: join(import.meta.dirname, '../../.lpbuildbot/venv'),
    python: process.env.LPBUILDBOT_PYTHON ?? 'python3',
    pipelineFile: pipeline,
    ports: { web, workers: await freePort(), promotion: await freePort() },
    say: () => {},
    // The one that is measured is the bundled one, started below.
    onPromotion: undefined,
  });
  const pusher = await world.clone(repository, 'pusher');
  const refs = new RefWatch(repository.path);
  const events = new WebSocket(`ws://127.0.0.1:${web}/ws`);
  const opened = new Promise((open) => events.once('open', open));
  let daemon: BenchDaemon | undefined;
  try {
    daemon = await BenchDaemon.start(world.path(), `http://127.0.0.1:${web}/`, [pipeline]);
    await opened;
    events.send(JSON.stringify({ cmd: 'startConsuming', path: 'builds/*/finished', _id: 1 }));
    const finished = () =>
      new Promise<number>((at) => {
        const hear = (data: unknown) => {
          const now = performance.now();
          if (!finishedSchema.safeParse(JSON.parse(String(data))).success) return;
          events.off('message', hear);
          at(now);
        };
        events.on('message', hear);
      });

    const moves: number[] = [];
    const pushes: number[] = [];
    for (let n = 1; n <= promotions; n += 1) {
      const [ended, moved] = [finished(), refs.next('stable')];
      const commit = await repository.commit('master', `commit ${n}`);
      moves.push((await moved) - (await ended));
      await pusher.git(['fetch', '--quiet', 'origin']);
      const began = performance.now();
      await pusher.git(['push', '--quiet', repository.path, `${commit}:refs/heads/bare`]);
      pushes.push(performance.now() - began);
      if (n % 25 === 0) say(`${n} of ${promotions} promotions, median ${median(moves).toFixed(0)} ms`);
    }
    const [p50, p99, bare] = [median(moves), quantile(moves, 0.99), median(pushes)];
    const detail = `${promotions} promotions, real Buildbot`;
    return [
      { name: 'build ended to branch moved, p50', value: p50, unit: 'ms', limit: 300, detail },
      { name: 'build ended to branch moved, p99', value: p99, unit: 'ms', limit: 1000, detail },
      {
        name: 'the same against a bare git push',
        value: p50 / bare,
        unit: 'x',
        limit: 3,
        detail: `medians ${p50.toFixed(1)} ms and ${bare.toFixed(1)} ms`,
      },
    ];
  } finally {
    events.terminate();
    refs.close();
    await daemon?.stop();
    await system.stop();
  }
}

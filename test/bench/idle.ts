/** What the service takes while nothing happens, its reconciles included. */
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { FakeBuildbot } from '../support/fake-buildbot.ts';
import { GitWorld } from '../support/git-world.ts';
import { BenchDaemon } from './daemon.ts';
import type { Figure } from './figures.ts';

/** How long is watched, in seconds: two of the minutely reconciles. */
const SECONDS = 120;

export async function idle(say: (line: string) => void): Promise<Figure[]> {
  await using world = await GitWorld.create();
  await using buildbot = await FakeBuildbot.start();
  const repository = await world.repository('demo');
  const first = await repository.commit('master', 'first');
  for (const branch of ['stable', 'db-devel', 'db-stable']) await repository.setBranch(branch, first);
  const pipeline = world.path('pipeline.yaml');
  await writeFile(
    pipeline,
    `project: demo
repository: ${repository.path}
builders:
  tests: { branch: master, host: true, steps: ["true"] }
  db-tests: { branch: db-devel, host: true, steps: ["true"] }
promotions: [{ from: master, to: stable }, { from: db-devel, to: db-stable }]
merges: [{ from: stable, into: db-devel, schedule: promotion }]
`,
  );
  for (const name of ['tests', 'db-tests']) buildbot.model.addBuilder(name);
  const daemon = await BenchDaemon.start(world.path(), buildbot.url, [pipeline]);
  try {
    say(`watching the service idle for ${SECONDS} s`);
    const before = await daemon.cpu();
    await sleep(SECONDS * 1000);
    const percent = ((await daemon.cpu()) - before) / (10 * SECONDS);
    const detail = `after ${SECONDS} s, git included`;
    return [
      {
        name: 'idle memory',
        value: await daemon.memory(),
        unit: 'MB',
        limit: 90,
        detail: `after ${SECONDS} s`,
      },
      { name: 'idle processor', value: percent, unit: '%', limit: 1, detail },
    ];
  } finally {
    await daemon.stop();
  }
}

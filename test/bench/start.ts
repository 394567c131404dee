/** `npm start -- --once` on an empty state, with everything installed. */
import { join } from 'node:path';
import { execa } from 'execa';
import { GitWorld } from '../support/git-world.ts';
import { freePort } from '../support/ports.ts';
import { type Figure, median } from './figures.ts';

const RUNS = 3;
const root = join(import.meta.dirname, '../..');

export async function start(say: (line: string) => void): Promise<Figure[]> {
  const seconds: number[] = [];
  for (let run = 1; run <= RUNS; run += 1) {
    await using world = await GitWorld.create();
    const ports = ['--web-port', '--worker-port', '--promotion-port'];
    const args: string[] = [];
    for (const port of ports) args.push(port, String(await freePort()));
    const began = performance.now();
    await execa('npm', ['start', '--', '--once', '--state', world.path('state'), ...args], { cwd: root });
    seconds.push((performance.now() - began) / 1000);
    say(`run ${run} of ${RUNS}: ${seconds.at(-1)?.toFixed(1)} s`);
  }
  const detail = `median of ${RUNS}, to all four branches moved and everything ended`;
  return [{ name: 'npm start -- --once', value: median(seconds), unit: 's', limit: 40, detail }];
}

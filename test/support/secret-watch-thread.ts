/** The thread behind `secret-watch.ts`: reads /proc again and again until it is asked what it saw (proc(5)). */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import type { Sighting } from './secret-watch.ts';

const { secrets, self } = z.object({ secrets: z.array(z.string()), self: z.int() }).parse(workerData);
const sightings = new Map<string, Sighting>();
const processes = new Set<string>();

/** Processes that were there before are looked at only now and then, so that new ones are looked at more often. */
const old = new Set(pids());
const roundsPerOldLook = 20;
let round = 0;
let asked = false;

const port = parentPort;
if (port === null) throw new Error('not a thread');
port.once('message', () => {
  asked = true;
});
look();
port.postMessage('watching');
while (!asked) {
  look();
  // No busier: what is watched needs the machine too.
  await setTimeout(1);
}
port.postMessage({ sightings: [...sightings.values()], processes: [...processes] });

function look(): void {
  const oldToo = round % roundsPerOldLook === 0;
  round += 1;
  for (const pid of pids()) {
    if (pid === self || (old.has(pid) && !oldToo)) continue;
    const called = read(pid, 'cmdline').replaceAll('\0', ' ').trim();
    if (!old.has(pid) && called !== '') processes.add(called);
    const environment = read(pid, 'environ');
    for (const [secret, text] of secrets.entries()) {
      if (called.includes(text)) see({ where: 'arguments', process: `${pid} ${called}`, secret });
      if (environment.includes(text)) see({ where: 'environment', process: `${pid} ${called}`, secret });
    }
  }
}

function see(sighting: Sighting): void {
  sightings.set(JSON.stringify(sighting), sighting);
}

function pids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function read(pid: number, what: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'latin1');
  } catch {
    // It ended meanwhile, or belongs to another user.
    return '';
  }
}

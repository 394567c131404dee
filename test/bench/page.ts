/**
 * The page: how soon a reader sees it, how large it is, and how soon a branch's move is on the screen while two hundred
 * others watch. The reader is a real browser where there is one; the others are plain clients of the stream. The kernel
 * says when the branch has moved.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { findChromium, openChromium } from '../support/chromium.ts';
import { FakeBuildbot } from '../support/fake-buildbot.ts';
import type { BareRepository } from '../support/git-repository.ts';
import { GitWorld } from '../support/git-world.ts';
import { waitUntil } from '../support/wait.ts';
import { BenchDaemon } from './daemon.ts';
import { type Figure, median, quantile } from './figures.ts';
import { RefWatch } from './moved.ts';

const CLIENTS = 200;
const MOVES = 30;
const LOADS = 15;
const PAIRS = 500;

/** What is measured of one page. */
interface Measured {
  /** Page, script, style sheet and icon, as they come over the wire, in bytes. */
  readonly bytes: number;
  /** The same not packed. */
  readonly unpacked: number;
  /** From the request to everything drawn, in milliseconds. */
  readonly loads: readonly number[];
  /** From the ref's move to the screen, in milliseconds. */
  readonly moves: readonly number[];
  /** From the ref's move to the last of all clients. */
  readonly last: readonly number[];
  readonly memory: number;
}

export async function page(say: (line: string) => void): Promise<Figure[]> {
  const executable = await findChromium();
  if (executable === undefined)
    say('there is no Chromium: the page is fetched and listened to, and not drawn');
  const few = await measure(1, executable, say);
  const many = await measure(PAIRS, executable, say);
  const drawn = executable === undefined ? 'fetched' : 'drawn by Chromium';
  return [
    ...figures(few, 'one pair', drawn),
    ...figures(many, `${PAIRS} pairs`, drawn),
    {
      name: 'first page, not packed at all, one pair',
      value: few.unpacked / 1000,
      unit: 'kB',
      limit: 100,
      detail: 'page, script, style sheet, icon',
    },
  ];
}

function figures(measured: Measured, what: string, drawn: string): Figure[] {
  const watched = `${MOVES} moves with ${CLIENTS} clients`;
  return [
    {
      name: `first page, ${what}`,
      value: measured.bytes / 1000,
      unit: 'kB',
      limit: 100,
      detail: 'page, script, style sheet, icon, as they come over the wire',
    },
    {
      name: `first page, ${what}`,
      value: median(measured.loads),
      unit: 'ms',
      limit: 500,
      detail: `median of ${LOADS}, ${drawn}`,
    },
    {
      name: `ref moved to screen, p99, ${what}`,
      value: quantile(measured.moves, 0.99),
      unit: 'ms',
      limit: 1000,
      detail: `${watched}, ${drawn}; p50 ${median(measured.moves).toFixed(0)} ms`,
    },
    {
      name: `ref moved to the last client, p99, ${what}`,
      value: quantile(measured.last, 0.99),
      unit: 'ms',
      limit: 1000,
      detail: watched,
    },
    {
      name: `memory with ${CLIENTS} clients, ${what}`,
      value: measured.memory,
      unit: 'MB',
      limit: 250,
      detail: watched,
    },
  ];
}

async function measure(
  pairs: number,
  executable: string | undefined,
  say: (line: string) => void,
): Promise<Measured> {
  await using world = await GitWorld.create();
  await using buildbot = await FakeBuildbot.start();
  await mkdir(world.path('pipelines'));
  const repository = await world.repository('page');
  await writeFile(world.path('pipelines', 'page.yaml'), await pipeline(repository, buildbot, pairs));
  const daemon = await BenchDaemon.start(world.path(), buildbot.url, [world.path('pipelines')], {
    reconcile: '0 0 1 1 *',
  });
  const browser = executable === undefined ? undefined : await openChromium(executable, world.path('home'));
  const crowd = await Promise.all(Array.from({ length: CLIENTS }, () => client(daemon.url)));
  try {
    await waitUntil('the event stream', () => buildbot.isListenedTo);
    const { packed, unpacked } = await sizes(daemon.url);
    const loads: number[] = [];
    for (let n = 0; n < LOADS; n += 1) loads.push(await load(daemon.url, browser));
    say(`${pairs} pairs: ${MOVES} moves with ${CLIENTS} clients`);
    const shown = await browser?.newPage();
    await shown?.goto(daemon.url);
    await shown?.locator('#live[data-state=live]').waitFor();
    const refs = new RefWatch(repository.path);
    const moves: number[] = [];
    const last: number[] = [];
    try {
      for (let n = 1; n <= MOVES; n += 1) {
        const commit = await repository.commit('devel-0', `commit ${n}`);
        const words = `stable-0 moved to ${commit.slice(0, 7)}`;
        const seen = shown === undefined ? undefined : screen(shown, words);
        const heard = crowd.map((each) => each.hears(words));
        const moved = refs.next('stable-0');
        buildbot.build({ builder: 'tests-0', branch: 'devel-0', revision: commit }, 'success');
        const at = await moved;
        const lastHeard = Math.max(...(await Promise.all(heard)));
        last.push(lastHeard - at);
        moves.push((seen === undefined ? lastHeard : await seen) - at);
      }
    } finally {
      refs.close();
    }
    return { bytes: packed, unpacked, loads, moves, last, memory: await daemon.memory() };
  } finally {
    for (const { socket } of crowd) socket.terminate();
    await browser?.close();
    await daemon.stop();
  }
}

/** How long a reader who was never here waits, in milliseconds. */
async function load(url: string, browser: Browser | undefined): Promise<number> {
  const began = performance.now();
  if (browser === undefined) {
    await (await fetch(url)).text();
    return performance.now() - began;
  }
  // A new browser profile each time; that it has to start is not the page's doing, so the browser's own clock counts.
  const context = await browser.newContext();
  try {
    const opened = await context.newPage();
    await opened.goto(url, { waitUntil: 'load' });
    const ended = 'performance.getEntriesByType("navigation")[0].loadEventEnd';
    await opened.waitForFunction(`${ended} > 0`);
    return z.number().parse(await opened.evaluate(ended));
  } finally {
    await context.close();
  }
}

/** When the browser has drawn these words, by this process's clock. */
async function screen(shown: Page, words: string): Promise<number> {
  await shown.waitForFunction(
    `new Promise((drawn) => {
      const look = () => document.querySelector('.events')?.textContent.includes(${JSON.stringify(words)})
        ? requestAnimationFrame(() => drawn(true))
        : requestAnimationFrame(look);
      look();
    })`,
    undefined,
    { polling: 'raf' },
  );
  return performance.now();
}

interface Client {
  readonly socket: WebSocket;
  /** When it is told these words. */
  hears(words: string): Promise<number>;
}

async function client(url: string): Promise<Client> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}ws`);
  await new Promise((opened, failed) => socket.once('open', opened).once('error', failed));
  return {
    socket,
    hears: (words) =>
      new Promise((told) => {
        const listen = (data: unknown) => {
          if (!String(data).includes(words)) return;
          socket.off('message', listen);
          told(performance.now());
        };
        socket.on('message', listen);
      }),
  };
}

async function sizes(url: string): Promise<{ packed: number; unpacked: number }> {
  const text = await (await fetch(url)).text();
  const paths = [
    '',
    ...[...text.matchAll(/(?:src|href)="\.\/((?:page|icon)\.[^"]+)"/g)].map(([, path = '']) => path),
  ];
  let [packed, unpacked] = [0, 0];
  for (const path of paths) {
    packed += await length(`${url}${path}`, 'gzip');
    unpacked += await length(`${url}${path}`, 'identity');
  }
  return { packed, unpacked };
}

/** How many bytes an answer has as it comes. */
async function length(url: string, encoding: string): Promise<number> {
  return await new Promise((done, failed) => {
    const request = get(url, { headers: { 'accept-encoding': encoding } }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () => done(bytes));
    });
    request.on('error', failed);
  });
}

async function pipeline(repository: BareRepository, buildbot: FakeBuildbot, pairs: number): Promise<string> {
  const first = await repository.commit('master', 'first');
  const names = Array.from({ length: pairs }, (_, index) => index);
  const lines = names.flatMap((n) => [
    `create refs/heads/devel-${n} ${first}\n`,
    `create refs/heads/stable-${n} ${first}\n`,
  ]);
  await repository.git(['update-ref', '--stdin'], { input: lines.join('') });
  for (const n of names) buildbot.model.addBuilder(`tests-${n}`);
  return [
    'project: page',
    `repository: ${repository.path}`,
    'builders:',
    ...names.map((n) => `  tests-${n}: { branch: devel-${n}, host: true, steps: ["true"] }`),
    'promotions:',
    ...names.map((n) => `  - { from: devel-${n}, to: stable-${n} }`),
    '',
  ].join('\n');
}

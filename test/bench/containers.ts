/**
 * A fresh container for a command, side by side with what one would type otherwise: `lxc launch --ephemeral`, `lxc exec`, `lxc
 * delete` of the same image. The commands are measured as the package ships them: bundled, and begun by start.mjs.
 */
import { spawn } from 'node:child_process';
import { chown, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { bundle } from '../../scripts/lib/bundle.ts';
import { ensureLxd } from '../../scripts/lib/ensure-lxd.ts';
import { type Figure, median } from './figures.ts';

const RUNS = 20;
const AT_ONCE = 20;
/** An ordinary user, whom ensureLxd lets containers have. */
const OWNER = 1000;
/**
 * Made once, and kept for the next run. What LXD has to do for a container from an image grows with its files, so the limits are for one
 * as builds have it, with a compiler and git; what comes of a system that has nothing is told beside it.
 */
const recipes = `images:
  bench-build: { base: { archive: { suite: bookworm, variant: buildd } }, packages: [git, python3] }
  trial-debian: { base: { archive: bookworm } }
`;
const BUILD = 'bench-build';
/** The tests of lpbuildbot-run use it too. */
const BARE = 'trial-debian';

const root = join(import.meta.dirname, '../..');
const helpers = join(root, 'packages/worker-helpers');

type Say = (line: string) => void;

/** In milliseconds from the order. */
interface Times {
  readonly output: number;
  readonly gone: number;
}

export async function containers(say: Say): Promise<Figure[]> {
  if (process.getuid?.() !== 0) {
    say('left out: containers need root and LXD');
    return [];
  }
  const lxd = await ensureLxd({ ownIds: [OWNER], say });
  if (lxd.kind === 'failed') {
    say(`left out: ${lxd.sentence}`);
    return [];
  }
  const directory = await mkdtemp(join(tmpdir(), 'bench-containers-'));
  try {
    const bench = await Bench.prepare(directory, say);
    const turns = await inTurn(bench, BUILD, RUNS, say);
    await compareBare(bench, say);
    return [...figuresOf(turns), ...(await atOnce(bench, say)), await version(bench, say)];
  } finally {
    await rm(directory, { recursive: true });
  }
}

class Bench {
  readonly #start: string;
  readonly #bound: string;
  #names = 0;

  private constructor(start: string, bound: string) {
    this.#start = start;
    this.#bound = bound;
  }

  static async prepare(directory: string, say: Say): Promise<Bench> {
    await bundle(join(helpers, 'src/main.ts'), join(directory, 'main.mjs'));
    const start = join(directory, 'start.mjs');
    await copyFile(join(helpers, 'bin/start.mjs'), start);
    const bound = join(directory, 'build');
    await mkdir(bound);
    await chown(bound, OWNER, OWNER);
    const bench = new Bench(start, bound);
    await writeFile(join(directory, 'bench.yaml'), recipes);
    say('making two images of Debian 12 with mmdebstrap, unless they are there from a run before');
    const made = ['lpbuildbot-create-image', BUILD, BARE, '--recipes', directory];
    await execa(process.execPath, [start, ...made], { stderr: 'pipe' });
    for (const image of [BUILD, BARE]) {
      // What both sides have once only: the image unpacked, and the container that copies are made of.
      await bench.plain(image);
      await bench.ours(image);
    }
    return bench;
  }

  command(...args: readonly string[]): [string, string[]] {
    return [process.execPath, [this.#start, ...args]];
  }

  run(image: string, ...argv: readonly string[]): [string, string[]] {
    return this.command('lpbuildbot-run', '--image', image, '--bind', this.#bound, '--', ...argv);
  }

  async ours(image: string): Promise<Times> {
    const started = performance.now();
    const output = await firstOutput(...this.run(image, 'echo', 'up'));
    return { output: output - started, gone: performance.now() - started };
  }

  newName(): string {
    this.#names += 1;
    return `lpb-bench-${process.pid}-${this.#names}`;
  }

  async plain(image: string): Promise<Times> {
    const name = this.newName();
    const started = performance.now();
    await execa('lxc', ['launch', '--ephemeral', `lpbuildbot/${image}`, name], { stdin: 'ignore' });
    let output: number;
    try {
      output = await firstOutput('lxc', ['exec', '--disable-stdin', name, '--', 'echo', 'up']);
    } finally {
      await execa('lxc', ['delete', '--force', name]);
    }
    return { output: output - started, gone: performance.now() - started };
  }

  /** The most memory that lpbuildbot-run itself has had at any time, in MB. */
  async memory(image: string): Promise<number> {
    const [program, args] = this.run(image, 'true');
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    let most = 0;
    const look = setInterval(async () => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
      most = Math.max(most, Number(/^VmHWM:\s+([0-9]+) kB/m.exec(status)?.[1] ?? 0));
    }, 10);
    await new Promise((resolve) => child.once('close', resolve));
    clearInterval(look);
    return (most * 1024) / 1e6;
  }
}

/** `lxc exec` of LXD 5.0.2 now and then never ends when many run at once. */
const HUNG_MILLISECONDS = 60_000;

/** Runs a program that says `up`; gives the moment at which that came, once it has ended well. */
async function firstOutput(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: HUNG_MILLISECONDS,
    killSignal: 'SIGKILL',
  });
  let first: number | undefined;
  child.stdout.on('data', () => {
    first ??= performance.now();
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0 || first === undefined) throw new Error(`${program} ended with ${code}`);
  return first;
}

/** Of the same image, one after the other. */
interface Turns {
  readonly plain: readonly Times[];
  readonly ours: readonly Times[];
  /** In MB. */
  readonly memory: readonly number[];
}

async function inTurn(bench: Bench, image: string, runs: number, say: Say): Promise<Turns> {
  const plain: Times[] = [];
  const ours: Times[] = [];
  const memory: number[] = [];
  for (let run = 1; run <= runs; run += 1) {
    const pair = [await bench.plain(image), await bench.ours(image)] as const;
    plain.push(pair[0]);
    ours.push(pair[1]);
    memory.push(await bench.memory(image));
    const shown = pair.map(({ output, gone }) => `${output.toFixed(0)}, ${gone.toFixed(0)} ms`);
    say(
      `run ${run} of ${runs}, to the first output and to gone: lxc ${shown[0]}; lpbuildbot-run ${shown[1]}`,
    );
  }
  return { plain, ours, memory };
}

interface Ratio {
  readonly ours: number;
  readonly plain: number;
  readonly value: number;
}

function ratio(turns: Turns, part: keyof Times): Ratio {
  const [plain, ours] = [turns.plain, turns.ours].map((times) => median(times.map((time) => time[part])));
  const [a, b] = [ours ?? Number.NaN, plain ?? Number.NaN];
  return { ours: a, plain: b, value: a / b };
}

/** The same with an image that has next to no files: there is less to save. */
async function compareBare(bench: Bench, say: Say): Promise<void> {
  say('the same with an image that has nothing for builds in it, for comparison');
  const turns = await inTurn(bench, BARE, RUNS / 2, say);
  const told = (['output', 'gone'] as const).map((part) => {
    const { ours, plain, value } = ratio(turns, part);
    return `${value.toFixed(2)} x to ${part === 'output' ? 'the first output' : 'gone'} (${ours.toFixed(0)} of ${plain.toFixed(0)} ms)`;
  });
  say(`of that image: ${told.join(', ')}`);
}

function figuresOf(turns: Turns): Figure[] {
  const figure = (name: string, part: keyof Times, limit: number): Figure => {
    const { ours, plain, value } = ratio(turns, part);
    return {
      name,
      value,
      unit: 'x',
      limit,
      detail: `${ours.toFixed(0)} ms; lxc launch, exec, delete ${plain.toFixed(0)} ms; medians of ${RUNS} in turn`,
    };
  };
  return [
    figure('fresh container, to the first output', 'output', 0.4),
    figure('fresh container, to gone', 'gone', 0.7),
    {
      name: 'lpbuildbot-run, memory',
      value: median(turns.memory),
      unit: 'MB',
      limit: 80,
      detail: `the most resident at any time; median of ${RUNS}, at most ${Math.max(...turns.memory).toFixed(0)} MB`,
    },
  ];
}

/** What many at once came to: how many ended well, and when the last of those was gone, in seconds. */
interface Throughput {
  readonly ended: number;
  readonly seconds: number;
  /** Why another one did not end well, if one did not. */
  readonly failure: string | undefined;
}

async function throughput(one: () => Promise<Times>): Promise<Throughput> {
  const started = performance.now();
  let last = started;
  const ends = await Promise.allSettled(
    Array.from({ length: AT_ONCE }, async () => {
      await one();
      last = performance.now();
    }),
  );
  const failures = ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []));
  return {
    ended: ends.length - failures.length,
    seconds: (last - started) / 1000,
    failure: failures[0],
  };
}

/** One of the plain commands that hangs counts for nothing: neither as a container, nor with the time that it took. */
async function atOnce(bench: Bench, say: Say): Promise<Figure[]> {
  const theirs = await throughput(() => bench.plain(BUILD));
  const ours = await throughput(() => bench.ours(BUILD));
  const shown = ({ ended, seconds }: Throughput): string => `${ended} in ${seconds.toFixed(1)} s`;
  say(`${AT_ONCE} at once: lxc ${shown(theirs)}, lpbuildbot-run ${shown(ours)}`);
  for (const [who, { failure }] of [['lxc', theirs] as const, ['lpbuildbot-run', ours] as const]) {
    if (failure !== undefined) say(`  one of ${who} did not come to its end: ${failure}`);
  }
  const each = ({ ended, seconds }: Throughput): number => seconds / ended;
  return [
    {
      name: `${AT_ONCE} containers at once, time for each`,
      value: each(ours) / each(theirs),
      unit: 'x',
      limit: 1,
      detail: `${shown(ours)}; lxc launch, exec, delete ${shown(theirs)}`,
    },
    {
      name: `${AT_ONCE} containers at once, failed`,
      value: AT_ONCE - ours.ended,
      unit: 'containers',
      limit: 0,
      detail: `of lpbuildbot-run; ${AT_ONCE - theirs.ended} of lxc launch, exec, delete hung`,
    },
  ];
}

async function version(bench: Bench, say: Say): Promise<Figure> {
  const samples: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const started = performance.now();
    await execa(...bench.command('lpbuildbot-run', '--version'));
    samples.push(performance.now() - started);
  }
  say(`--version: ${median(samples).toFixed(0)} ms`);
  return {
    name: 'lpbuildbot-run --version',
    value: median(samples),
    unit: 'ms',
    limit: 60,
    detail: `median of ${RUNS}`,
  };
}

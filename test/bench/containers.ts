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
/** Made once, and kept for the next run; the tests of lpbuildbot-run use it too. */
const IMAGE = 'trial-debian';

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
    return [...(await inTurn(bench, say)), await atOnce(bench, say), await version(bench, say)];
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
    await writeFile(join(directory, 'bench.yaml'), `images: { ${IMAGE}: { base: { archive: bookworm } } }\n`);
    say('making an image of Debian 12 with mmdebstrap, unless there is one of this benchmark already');
    const made = ['lpbuildbot-create-image', IMAGE, '--recipes', directory];
    await execa(process.execPath, [start, ...made], { stderr: 'pipe' });
    // What both sides have once only: the image unpacked, and the container that copies are made of.
    await bench.plain();
    await bench.ours();
    return bench;
  }

  command(...args: readonly string[]): [string, string[]] {
    return [process.execPath, [this.#start, ...args]];
  }

  run(...argv: readonly string[]): [string, string[]] {
    return this.command('lpbuildbot-run', '--image', IMAGE, '--bind', this.#bound, '--', ...argv);
  }

  async ours(): Promise<Times> {
    const started = performance.now();
    const output = await firstOutput(...this.run('echo', 'up'));
    return { output: output - started, gone: performance.now() - started };
  }

  newName(): string {
    this.#names += 1;
    return `lpb-bench-${process.pid}-${this.#names}`;
  }

  async plain(name = this.newName()): Promise<Times> {
    const started = performance.now();
    await execa('lxc', ['launch', '--ephemeral', `lpbuildbot/${IMAGE}`, name], { stdin: 'ignore' });
    let output: number;
    try {
      output = await firstOutput('lxc', ['exec', '--disable-stdin', name, '--', 'echo', 'up']);
    } finally {
      await execa('lxc', ['delete', '--force', name]);
    }
    return { output: output - started, gone: performance.now() - started };
  }

  /** The most memory that lpbuildbot-run itself has had at any time, in MB. */
  async memory(...argv: readonly string[]): Promise<number> {
    const [program, args] = this.run(...argv);
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

async function inTurn(bench: Bench, say: Say): Promise<Figure[]> {
  const plain: Times[] = [];
  const ours: Times[] = [];
  const memory: number[] = [];
  for (let run = 1; run <= RUNS; run += 1) {
    const pair = [await bench.plain(), await bench.ours()] as const;
    plain.push(pair[0]);
    ours.push(pair[1]);
    memory.push(await bench.memory('true'));
    const shown = pair.map(({ output, gone }) => `${output.toFixed(0)}, ${gone.toFixed(0)} ms`);
    say(
      `run ${run} of ${RUNS}, to the first output and to gone: lxc ${shown[0]}; lpbuildbot-run ${shown[1]}`,
    );
  }
  const figure = (name: string, part: keyof Times, limit: number): Figure => {
    const [theirs, our] = [plain, ours].map((times) => median(times.map((time) => time[part])));
    return {
      name,
      value: (our ?? Number.NaN) / (theirs ?? Number.NaN),
      unit: 'x',
      limit,
      detail: `${our?.toFixed(0)} ms; lxc launch, exec, delete ${theirs?.toFixed(0)} ms; medians of ${RUNS} in turn`,
    };
  };
  return [
    figure('fresh container, to the first output', 'output', 0.4),
    figure('fresh container, to gone', 'gone', 0.7),
    {
      name: 'lpbuildbot-run, memory',
      value: median(memory),
      unit: 'MB',
      limit: 80,
      detail: `the most resident at any time; median of ${RUNS}, at most ${Math.max(...memory).toFixed(0)} MB`,
    },
  ];
}

async function atOnce(bench: Bench, say: Say): Promise<Figure> {
  const measured = async (one: () => Promise<Times>): Promise<number> => {
    const started = performance.now();
    const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, one));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return (performance.now() - started) / 1000;
  };
  let theirs: number | undefined;
  for (let attempt = 1; theirs === undefined; attempt += 1) {
    try {
      theirs = await measured(() => bench.plain());
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      say(`one of the plain commands did not come to its end (${why})`);
      // Not a figure of ours: it is shown as missing, and the others still count.
      if (attempt === 3) theirs = Number.NaN;
    }
  }
  const ours = await measured(() => bench.ours());
  say(`${AT_ONCE} at once: lxc ${theirs.toFixed(1)} s, lpbuildbot-run ${ours.toFixed(1)} s; none failed`);
  return {
    name: `${AT_ONCE} containers at once`,
    value: ours / theirs,
    unit: 'x',
    limit: 1,
    detail: `${ours.toFixed(1)} s; lxc launch, exec, delete ${theirs.toFixed(1)} s; none failed`,
  };
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

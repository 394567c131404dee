/** Master, two workers and promotion on this machine, with everything they keep below one directory. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { cpus } from 'node:os';
import { join } from 'node:path';
import {
  configureMaster,
  createWorker,
  ensureVenv,
  formatLogins,
  hashPassword,
  startMaster,
  startWorker,
} from '@lpbuildbot/buildbot';
import { compile, formatMistakes, loadPipelines, type Pipeline } from '@lpbuildbot/pipeline';
import { stringify } from 'yaml';
import * as z from 'zod';
import { messages } from './messages.ts';
import type { Ports } from './options.ts';
import { type LogLine, startPromotion } from './promotion-process.ts';
import { StartError } from './start-error.ts';

export interface SystemOptions {
  readonly state: string;
  readonly venvs: string;
  readonly python: string;
  readonly pipelineFile: string;
  readonly ports: Ports;
  readonly say: (sentence: string) => void;
  /** Gets the log of the promotion service; without it there is none. */
  readonly onPromotion: ((line: LogLine) => void) | undefined;
}

export interface System {
  readonly pipelines: readonly Pipeline[];
  readonly password: string;
  readonly promotionConfig: string;
  /** Resolves with a sentence when a part ends that nobody has stopped. */
  readonly broken: Promise<string>;
  /** Ends every process. */
  stop(): Promise<void>;
}

const WORKERS = ['local-1', 'local-2'];

const secretsSchema = z.object({ worker: z.string(), login: z.string() });

/** Reads the pipeline file and refuses what this system can't do. Throws StartError. */
async function readPipeline(file: string): Promise<readonly Pipeline[]> {
  const reading = await loadPipelines([file]);
  if (reading.kind === 'refused') throw new StartError(formatMistakes(reading.mistakes));
  const imaged = reading.pipelines
    .flatMap((pipeline) => pipeline.builders)
    .filter((builder) => builder.runs.on === 'image')
    .map((builder) => builder.name);
  if (imaged.length > 0) throw new StartError(messages.needsImages(imaged));
  return reading.pipelines;
}

/** Makes sure that the ports are free, before anything is started. Throws StartError. */
export async function checkPorts(ports: Ports): Promise<void> {
  const named = [
    [ports.web, 'web-port'],
    [ports.workers, 'worker-port'],
    [ports.promotion, 'promotion-port'],
  ] as const;
  for (const [port, option] of named) {
    const free = await new Promise<boolean>((done) => {
      const server = createServer();
      server.once('error', () => done(false));
      server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
    });
    if (!free) throw new StartError(messages.portInUse(port, option));
  }
}

/** Starts everything, or nothing: throws StartError, with all that had been started ended. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    return await startParts(options, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  options: SystemOptions,
  stops: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<System> {
  const { state, ports, say, pipelineFile } = options;
  const pipelines = await readPipeline(pipelineFile);
  await checkPorts(ports);
  await mkdir(state, { recursive: true, mode: 0o700 });
  const secrets = await ensureSecrets(join(state, 'secrets.json'));
  const venv = await ensureVenv({ python: options.python, directory: options.venvs, onProgress: say });
  if (venv.kind === 'failed') throw new StartError(venv.reason);
  const { python } = venv;

  say(messages.starting('the Buildbot master'));
  const directory = join(state, 'master');
  await mkdir(directory, { recursive: true });
  const loginsFile = join(directory, 'logins');
  await writeFile(loginsFile, formatLogins(new Map([['demo', await hashPassword(secrets.login)]])), {
    mode: 0o600,
  });
  const configured = await configureMaster({
    python,
    directory,
    pipeline: compile(pipelines),
    site: {
      title: pipelines.map((pipeline) => pipeline.project).join(', '),
      url: `http://127.0.0.1:${ports.web}/`,
      web: { host: '127.0.0.1', port: ports.web },
      workers: { host: '127.0.0.1', port: ports.workers },
      loginsFile,
      logRetentionDays: 30,
    },
    workers: WORKERS.map((name) => ({ name, password: secrets.worker, images: [], capacity: cpus().length })),
  });
  if (configured.kind === 'refused') throw new StartError(configured.reason);
  const started = await startMaster({ python, directory });
  if (started.kind === 'failed') throw new StartError(started.reason);
  const { master } = started;
  stops.push(() => master.stop('now'));
  let stopping = false;
  stops.push(async () => {
    stopping = true;
  });

  say(messages.starting('two workers and the promotion service'));
  const endings: Promise<string>[] = [
    master.exited.then((exit) => messages.ended('the master', how(exit), join(directory, 'twistd.log'))),
  ];
  for (const name of WORKERS) {
    const place = join(state, name);
    const { workers: port } = ports;
    await createWorker({ directory: place, name, password: secrets.worker, host: '127.0.0.1', port });
    const worker = await startWorker({ python, directory: place });
    stops.push(() => worker.stop('now'));
    endings.push(
      worker.exited.then((exit) => messages.ended(`worker ${name}`, how(exit), join(place, 'twistd.log'))),
    );
  }

  const promotionConfig = join(state, 'promotion.yaml');
  await writeFile(
    promotionConfig,
    stringify({
      pipelines: [pipelineFile],
      buildbot: `http://127.0.0.1:${ports.web}/`,
      state: join(state, 'promotion'),
      http: { port: ports.promotion },
      // The user's own git and ssh settings: it is their repository.
      git: { settings: 'user' },
    }),
  );
  if (options.onPromotion !== undefined) {
    const promotion = await startPromotion(python, promotionConfig, options.onPromotion);
    stops.push(() => promotion.stop());
    endings.push(promotion.exited.then((exit) => messages.ended('the promotion service', exit, 'above')));
  }

  const broken = new Promise<string>((done) => {
    for (const ending of endings) void ending.then((sentence) => stopping || done(sentence));
  });
  return { pipelines, password: secrets.login, promotionConfig, broken, stop };
}

function how(exit: { readonly code: number | null; readonly signal: string | null }): string {
  return exit.signal ?? `exit code ${exit.code}`;
}

/** The passwords of this system, made once: a new one at each start would be a new configuration each time. */
async function ensureSecrets(file: string): Promise<z.infer<typeof secretsSchema>> {
  try {
    return secretsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    const secrets = { worker: randomBytes(16).toString('hex'), login: randomBytes(6).toString('hex') };
    await writeFile(file, `${JSON.stringify(secrets)}\n`, { mode: 0o600 });
    return secrets;
  }
}

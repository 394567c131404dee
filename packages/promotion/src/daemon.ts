/** The service with its surroundings: Buildbot's events, the clock, HTTP, and one instance a state directory. */
import { createHash } from 'node:crypto';
import { watch } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { watchEvents } from './buildbot/events.ts';
import { type Config, ConfigError } from './config.ts';
import { endLeftovers } from './git/leftovers.ts';
import { createHttp, ensureToken } from './http.ts';
import { messages } from './messages.ts';
import { Service } from './service.ts';
import { isErrno } from './state/files.ts';
import type { Log, Surroundings } from './surroundings.ts';
import { startTicks } from './ticks.ts';
import { backoff } from './turns.ts';

/** How long a push that runs may take to end when the service is stopped, in milliseconds. */
const STOP_GRACE = 10_000;
/** A full look happens at least this often, whatever the configured schedule. */
const AT_LEAST_EVERY = 2 * 60_000;
const MAINTAIN_EVERY = 3_600_000;

export interface Daemon {
  /** Where HTTP is served, as in `http://127.0.0.1:8011/`. */
  readonly url: string;
  readonly service: Service;
  stop(): Promise<void>;
}

export function realSurroundings(log: Log, acting: Surroundings['acting']): Surroundings {
  return { log, now: Date.now, random: Math.random, environment: process.env, acting };
}

/** Throws ConfigError when it can't start as configured. */
export async function startDaemon(config: Config, log: Log): Promise<Daemon> {
  const lock = await lockState(config.state);
  const service = await Service.open(config, realSurroundings(log, 'act'));
  let reconciledAt = Date.now();
  let lastReconcile = performance.now();
  let connected = false;
  const reconcile = async () => {
    reconciledAt = Date.now();
    lastReconcile = performance.now();
    await service.reconcile();
    if (service.buildbotProblem === undefined) failures = 0;
    else askAgain();
  };
  // What Buildbot did not tell when it was asked no event tells again, and the next full look may be a minute away.
  let failures = 0;
  let again: NodeJS.Timeout | undefined;
  const askAgain = () => {
    if (again !== undefined) return;
    failures += 1;
    again = setTimeout(
      () => {
        again = undefined;
        void reconcile();
      },
      backoff(config.retry.first, config.retry.most, failures, Math.random),
    );
  };

  const http = createHttp(
    service,
    {
      reconciledAt: () => reconciledAt,
      connected: () => connected,
      reconcile,
      onError: (error) => log.error({ error }, 'the page failed in a way that should not happen'),
    },
    await ensureToken(config.state),
  );
  let url: string;
  try {
    url = `${await http.listen({ host: config.http.host, port: config.http.port })}/`;
  } catch (error) {
    lock.close();
    if (isErrno(error) && error.code === 'EADDRINUSE') {
      throw new ConfigError(messages.portInUse(config.http.host, config.http.port), { cause: error });
    }
    throw error;
  }

  const events = watchEvents({
    base: config.buildbot,
    pingMs: config.events.ping,
    answerMs: config.events.answer,
    delayMs: (attempt) => backoff(config.retry.first, config.retry.most, attempt, Math.random),
    onEvent: (event) => {
      switch (event.kind) {
        case 'connected':
          connected = true;
          log.info({}, "connected to Buildbot's events");
          // What happened without us is not known.
          service.builds.doubt();
          void reconcile();
          return;
        case 'disconnected':
          if (connected) log.warn({ reason: event.reason }, "Buildbot's events ended; connecting again");
          connected = false;
          service.builds.doubt();
          return;
        case 'requested':
          service.expect(event.builderid);
          return;
        default:
          service.hear(event).catch(askAgain);
      }
    },
  });
  const ticks = startTicks(config.reconcile, reconcile);
  const net = setInterval(() => {
    if (performance.now() - lastReconcile >= AT_LEAST_EVERY) void reconcile();
  }, AT_LEAST_EVERY / 4);
  const maintenance = setInterval(() => void service.maintain(), MAINTAIN_EVERY);
  const holds = join(config.state, 'holds');
  await mkdir(holds, { recursive: true, mode: 0o700 });
  const watcher = watch(holds, () => service.requestAll());
  // The directory may vanish under a running service; the next reconcile reads what is there.
  watcher.on('error', () => watcher.close());

  log.info({ url, mode: config.mode, pairs: service.pairs.length }, 'lpbuildbot-promotion serves');
  void reconcile();
  return {
    url,
    service,
    async stop() {
      events.close();
      ticks.stop();
      clearTimeout(again);
      clearInterval(net);
      clearInterval(maintenance);
      watcher.close();
      await service.stop(STOP_GRACE);
      await http.close();
      lock.close();
    },
  };
}

/**
 * Makes sure that one service works on a state directory, and nothing of an earlier one. The lock is an abstract socket
 * (unix(7)): the kernel drops it with the process, however that ends.
 */
export async function lockState(state: string): Promise<Server> {
  await mkdir(state, { recursive: true, mode: 0o700 });
  const name = createHash('sha256')
    .update(await realpath(state))
    .digest('hex')
    .slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((fulfil, reject) => {
    server.once('error', (error) =>
      reject(
        isErrno(error) && error.code === 'EADDRINUSE'
          ? new ConfigError(messages.alreadyRunning(state))
          : error,
      ),
    );
    server.listen(`\0lpbuildbot-promotion-${name}`, fulfil);
  });
  server.unref();
  await endLeftovers(join(state, 'mirrors'));
  return server;
}

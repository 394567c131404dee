/** The store that images are made in, on LXD's own interface. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import * as z from 'zod';
import { ask, envelopeOf, parse } from '../lxd/connection.ts';
import {
  createInstance,
  deleteImage,
  deleteInstance,
  exec,
  getImage,
  getInstance,
  instanceKeys,
  instanceState,
  isProblem,
  type Lxd,
  LxdError,
  setAlias,
  startInstance,
  stopInstance,
} from '../lxd/index.ts';
import { finished } from '../lxd/operations.ts';
import type { Order, Origin, Properties, ScriptEnd, Store, StoredImage } from './store.ts';

/** How long a container may take to shut down by itself, in seconds. */
const stopSeconds = 30;

export function lxdStore(lxd: Lxd, owner: string): Store {
  return {
    importImage: async (metadata, rootfs, properties) =>
      await stored(lxd, await importSplit(lxd, metadata, rootfs, properties)),
    launch: async (name, origin, signal) => {
      const config = { [instanceKeys.kind]: 'build', [instanceKeys.owner]: owner };
      const waiting = origin.kind === 'remote' ? { signal } : {};
      await createInstance(lxd, { name, config, source: sourceOf(origin) }, waiting);
      await startInstance(lxd, name);
    },
    run: (name, order) => run(lxd, name, order),
    addressOf: async (name) => {
      const { network } = (await instanceState(lxd, name)) ?? { network: null };
      return Object.entries(network ?? {})
        .filter(([device]) => device !== 'lo')
        .flatMap(([, { addresses }]) => addresses)
        .find(({ scope }) => scope === 'global')?.address;
    },
    stop: async (name) => {
      try {
        await stopInstance(lxd, name, { cleanWithin: stopSeconds });
      } catch (error) {
        if (!(error instanceof LxdError) || isProblem(error, 'unreachable')) throw error;
        await stopInstance(lxd, name, 'force');
      }
    },
    publish: async (name, properties) => await stored(lxd, await publish(lxd, name, properties)),
    setProperties: async (fingerprint, properties) => {
      const at = `/1.0/images/${fingerprint}`;
      const { metadata } = await ask(lxd, 'GET', at);
      const image = parse(z.record(z.string(), z.unknown()), `GET ${at}`, metadata);
      // Not PATCH, which leaves properties that are no longer wanted.
      await ask(lxd, 'PUT', at, { ...image, properties });
    },
    pointAlias: (alias, fingerprint) => setAlias(lxd, alias, fingerprint),
    deleteImage: (fingerprint) => deleteImage(lxd, fingerprint),
    deleteContainer: (name) => deleteContainer(lxd, name),
  };
}

async function stored(lxd: Lxd, fingerprint: string): Promise<StoredImage> {
  return { fingerprint, size: (await getImage(lxd, fingerprint))?.size ?? 0 };
}

function sourceOf(origin: Origin) {
  const type = 'image' as const;
  if (origin.kind === 'local') return { type, fingerprint: origin.fingerprint };
  const { server, alias } = origin;
  return { type, server, alias, protocol: 'simplestreams' as const, mode: 'pull' as const };
}

async function run(lxd: Lxd, name: string, order: Order): Promise<ScriptEnd> {
  const { script, environment, input, write, limitSeconds, signal } = order;
  signal.throwIfAborted();
  const sink = () => {
    const decoder = new StringDecoder('utf8');
    return (chunk: Buffer) => {
      write(decoder.write(chunk));
      return undefined;
    };
  };
  const running = await exec(lxd, name, {
    argv: ['/bin/sh', '-c', script],
    env: environment,
    cwd: '/root',
    stdout: sink(),
    stderr: sink(),
    ...(input !== undefined && { stdin: Buffer.from(input) }),
  });
  const { promise: stopped, resolve: stop } = Promise.withResolvers<ScriptEnd>();
  const abort = () => {
    // What it has started ends with the container.
    running.signal(9);
    stop({ kind: 'timeout' });
  };
  const timer = setTimeout(abort, limitSeconds * 1000);
  signal.addEventListener('abort', abort, { once: true });
  // It may have come while the command was being started.
  if (signal.aborted) abort();
  try {
    const ended = running.exitCode.then((code): ScriptEnd => ({ kind: 'exit', code }));
    return await Promise.race([ended, stopped]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

const publishedSchema = z.object({ metadata: z.object({ fingerprint: z.string() }) });

/** zstd takes a third of the time of gzip, which is LXD's own choice; an LXD without it makes that instead. */
async function publish(lxd: Lxd, name: string, properties: Properties): Promise<string> {
  const order = { source: { type: 'instance', name }, properties, public: false };
  try {
    return await published(lxd, { ...order, compression_algorithm: 'zstd' });
  } catch (error) {
    if (!(error instanceof LxdError) || !/zstd|compress/i.test(error.message)) throw error;
    return await published(lxd, order);
  }
}

async function published(lxd: Lxd, order: object): Promise<string> {
  const operation = await finished(lxd, await ask(lxd, 'POST', '/1.0/images', order));
  return parse(publishedSchema, 'POST /1.0/images', operation).metadata.fingerprint;
}

/** An image in two files (LXD's doc/rest-api.yaml, images_post). */
async function importSplit(
  lxd: Lxd,
  metadata: string,
  rootfs: string,
  properties: Properties,
): Promise<string> {
  const boundary = 'lpbuildbot-0f7c2d1e9b';
  const part = (name: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  async function* body() {
    yield Buffer.from(part('metadata'));
    yield* createReadStream(metadata);
    yield Buffer.from(`\r\n${part('rootfs')}`);
    yield* createReadStream(rootfs, { highWaterMark: 1 << 20 });
    yield Buffer.from(`\r\n--${boundary}--\r\n`);
  }
  const answer = await envelopeOf(lxd, 'POST', '/1.0/images', {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'X-LXD-properties': new URLSearchParams(properties).toString(),
    },
    body: Readable.from(body()),
  });
  const operation = await finished(lxd, answer);
  return parse(publishedSchema, 'POST /1.0/images', operation).metadata.fingerprint;
}

async function deleteContainer(lxd: Lxd, name: string): Promise<void> {
  const instance = await getInstance(lxd, name);
  if (instance === undefined) return;
  try {
    if (instance.status !== 'Stopped') await stopInstance(lxd, name, 'force');
  } catch (error) {
    // Stopped by itself in the meantime, which deleting will tell.
    if (!(error instanceof LxdError) || isProblem(error, 'unreachable')) throw error;
  }
  await deleteInstance(lxd, name);
}

/** Starts a master and a worker and stays until it is killed: what processes.test.ts kills. */
import { z } from 'zod';
import { createWorker, startMaster, startWorker } from '../src/index.ts';

const world = z
  .object({ python: z.string(), master: z.string(), worker: z.string(), port: z.number() })
  .parse(JSON.parse(process.env.WORLD ?? ''));
const outcome = await startMaster({ python: world.python, directory: world.master });
if (outcome.kind === 'failed') throw new Error(outcome.reason);
await createWorker({
  directory: world.worker,
  name: 'one',
  password: 'secret of one',
  host: '127.0.0.1',
  port: world.port,
});
await startWorker({ python: world.python, directory: world.worker });
await outcome.master.exited;

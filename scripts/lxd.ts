/** Brings up LXD on a bare machine for the tests and benchmarks that need it: `node scripts/lxd.ts [ID...]`, with the ids of users whose files containers are to own. */
import { ensureLxd } from './lib/ensure-lxd.ts';

const ownIds = process.argv.slice(2).map(Number);
const outcome = await ensureLxd({ ownIds });
console.error(outcome.sentence);
process.exitCode = outcome.kind === 'ready' ? 0 : 1;

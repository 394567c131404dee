/** What `dispatch` starts for every hook and action; and, with an argument, what a timer and nrpe start. */
import './once.ts';

import { dispatch } from '@lpbuildbot/juju';
import { createCharm } from './charm.ts';
import { realMachine } from './machine/real.ts';

const [task, ...words] = process.argv.slice(2);
if (task === undefined) {
  process.exitCode = await dispatch(createCharm(realMachine()));
} else if (task === 'reconfigure') {
  const { reconfigureNow } = await import('./tasks/reconfigure.ts');
  process.exitCode = await reconfigureNow(realMachine());
} else if (task === 'check') {
  const { check } = await import('./tasks/check.ts');
  process.exitCode = await check(realMachine(), words, (line) => console.log(line));
} else {
  process.exitCode = 2;
}

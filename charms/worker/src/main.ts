/** What `dispatch` starts for every hook and action. */
import { dispatch } from '@lpbuildbot/juju';
import { workerCharm } from './charm.ts';
import { realMachine } from './machine.ts';

process.exitCode = await dispatch(workerCharm(realMachine()));

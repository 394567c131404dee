/** What `dispatch` starts for every hook and action. */
import { dispatch, statusSet } from '@lpbuildbot/juju';

process.exitCode = await dispatch({
  hook: async ({ run }) =>
    await statusSet(run, { status: 'waiting', message: 'for the next version of this charm' }),
});

import * as z from 'zod';
import {
  actionLog,
  type Charm,
  configGet,
  relationIds,
  setDatabag,
  setPorts,
  statusSet,
} from '../../src/index.ts';

export const charm: Charm = {
  hook: async ({ run, context }) => {
    const { port } = z.object({ port: z.int() }).parse(await configGet(run));
    await setPorts(run, [{ protocol: 'tcp', from: port, to: port }]);
    for (const relation of await relationIds(run, 'website')) {
      await setDatabag(run, relation, { kind: 'unit', unit: context.unit }, { port: String(port) });
    }
    await statusSet(run, { status: 'active', message: `on port ${port}` });
  },
  actions: {
    greet: async ({ run }, parameters) => {
      const { name } = z.object({ name: z.string() }).parse(parameters);
      if (name === 'nobody') return { kind: 'failed', message: 'there is nobody to greet' };
      await actionLog(run, `greeting ${name}`);
      return { kind: 'done', results: { greeting: `hello ${name}` } };
    },
  },
};

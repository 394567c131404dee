/** The JSON Schema of pipeline files, for editors; made from the schema that files are read with. */
import * as z from 'zod';
import { fileSchema } from './schema.ts';

/** JSON Schema draft 2020-12. It accepts every accepted file; what the parts mean to each other it cannot tell. */
export function pipelineJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(fileSchema, { target: 'draft-2020-12', io: 'input' });
  return {
    $schema,
    title: 'lpbuildbot pipeline',
    description: 'Which builders test the branches of a project, and how tested revisions move on.',
    ...schema,
  };
}

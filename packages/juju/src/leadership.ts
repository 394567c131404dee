/** Whether this unit leads its application. */
import * as z from 'zod';
import type { Runner } from './runner.ts';
import { callJson } from './tool.ts';

/** `is-leader`: true for at least 30 seconds from now. Who loses leadership is told by no event. */
export async function isLeader(run: Runner): Promise<boolean> {
  return await callJson(run, z.boolean(), { tool: 'is-leader', args: ['--format', 'json'] });
}

/** The body of an answer over HTTP, which is kept in memory as a whole. */
import type { IncomingMessage } from 'node:http';

/** Reads it to its end. Rejects when it breaks off, or is longer than `limit` bytes; nothing more is read then. */
export async function bodyOf(answer: IncomingMessage, limit: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  answer.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) answer.destroy(new Error('the answer is too large'));
    else chunks.push(chunk);
  });
  answer.on('error', reject);
  answer.on('end', () => resolve(Buffer.concat(chunks)));
  return await promise;
}

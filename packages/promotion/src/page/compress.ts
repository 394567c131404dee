/** Answers in gzip to those who take it: the page with hundreds of pairs is ten times smaller then. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

const gzipped = promisify(gzip);

/** Less than this is not worth the work, in characters. */
const SMALL = 1400;

export async function compressed(
  request: FastifyRequest,
  reply: FastifyReply,
  text: string,
): Promise<FastifyReply> {
  reply.header('vary', 'accept-encoding');
  const takes = /(^|,)\s*gzip\s*(;\s*q=(1|0\.0*[1-9])[^,]*)?\s*(,|$)/.test(
    String(request.headers['accept-encoding'] ?? ''),
  );
  if (!takes || text.length < SMALL) return reply.send(text);
  return reply.header('content-encoding', 'gzip').send(await gzipped(text, { level: 5 }));
}

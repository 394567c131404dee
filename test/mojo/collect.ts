/** Reads a file of codetree, `DESTINATION SOURCE[;KEY=VALUE[,KEY=VALUE]]` a line. Every mistake is told, with its line. */
import { nearest, type Problem } from './problem.ts';

export interface Collected {
  readonly line: number;
  readonly destination: string;
  readonly source: string;
  readonly kind: 'git' | 'file' | 'local' | 'empty';
  readonly options: ReadonlyMap<string, string>;
}

const optionsOf: Readonly<Record<Collected['kind'], readonly string[]>> = {
  git: ['revno', 'branch', 'depth', 'overwrite'],
  file: ['overwrite'],
  local: ['method'],
  empty: ['overwrite'],
};
const gitSchemes = ['git', 'git+ssh', 'git+http', 'git+https', 'git+lp'];

export function parseCollect(
  file: string,
  text: string,
): { readonly entries: readonly Collected[]; readonly problems: readonly Problem[] } {
  const entries: Collected[] = [];
  const problems: Problem[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    if (raw.trim() === '' || raw.startsWith('#')) continue;
    const line = index + 1;
    const slips: { found: string; write: string }[] = [];
    const entry = readEntry(line, raw, slips);
    if (entry !== undefined && entries.some(({ destination }) => destination === entry.destination)) {
      slips.push({ found: `${entry.destination} twice`, write: 'say it once: the last line would win' });
    }
    problems.push(...slips.map((slip) => ({ file, line, ...slip })));
    if (entry !== undefined && slips.length === 0) entries.push(entry);
  }
  return { entries, problems };
}

function readEntry(
  line: number,
  raw: string,
  slips: { found: string; write: string }[],
): Collected | undefined {
  if (/^\s/.test(raw))
    slips.push({ found: 'space at the beginning of the line', write: 'begin with the destination' });
  const [destination = '', source, ...more] = raw.trim().split(/\s+/);
  if (source === undefined) {
    slips.push({ found: `only "${destination}"`, write: 'write DESTINATION SOURCE' });
    return undefined;
  }
  if (more.length > 0) {
    const comment = more[0]?.startsWith('#') === true;
    slips.push({
      found: `"${more.join(' ')}" behind the source`,
      write: comment ? 'give the comment a line of its own' : 'write DESTINATION SOURCE',
    });
  }
  if (destination.startsWith('/') || destination.split('/').includes('..')) {
    slips.push({ found: destination, write: 'give a path within the build directory' });
  }
  const at = source.lastIndexOf(';');
  const [address, tail] = at < 0 ? [source, ''] : [source.slice(0, at), source.slice(at + 1)];
  const kind = kindOf(address);
  if (kind === undefined) {
    slips.push({ found: address, write: `use ${gitSchemes.join(', ')}, https for one file, a path, or @` });
    return undefined;
  }
  if (kind === 'file' && /\.git$/.test(address)) {
    slips.push({
      found: address,
      write: `write git+${address}: plain ${address.split(':')[0]} fetches a file`,
    });
  }
  return { line, destination, source: address, kind, options: readOptions(kind, tail, slips) };
}

function kindOf(source: string): Collected['kind'] | undefined {
  if (source === '@') return 'empty';
  const [, scheme] = /^([a-z+]+):/.exec(source) ?? [];
  if (scheme === undefined || scheme === 'file') return 'local';
  if (gitSchemes.includes(scheme)) return 'git';
  return scheme === 'http' || scheme === 'https' ? 'file' : undefined;
}

function readOptions(
  kind: Collected['kind'],
  tail: string,
  slips: { found: string; write: string }[],
): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const part of tail === '' ? [] : tail.split(',')) {
    const [key = '', value, ...more] = part.split('=');
    if (value === undefined || value === '' || more.length > 0) {
      slips.push({ found: part, write: 'write KEY=VALUE; values hold no comma and no =' });
    } else if (!optionsOf[kind].includes(key)) {
      const near = nearest(key, optionsOf[kind]);
      slips.push({
        found: key,
        write: near === undefined ? `it takes ${optionsOf[kind].join(', ')}` : `write ${near}`,
      });
    } else if (options.has(key)) slips.push({ found: `${key} twice`, write: 'say it once' });
    else options.set(key, value);
  }
  if (options.has('revno') && options.has('branch')) {
    slips.push({ found: 'revno and branch', write: 'give one of them' });
  }
  if (options.has('overwrite') && options.get('overwrite') !== 'True') {
    slips.push({
      found: `overwrite=${options.get('overwrite')}`,
      write: 'leave it out: any value means yes',
    });
  }
  if (options.has('depth') && !/^[1-9]\d*$/.test(options.get('depth') ?? '')) {
    slips.push({ found: `depth=${options.get('depth')}`, write: 'give a number' });
  }
  const method = options.get('method');
  if (method !== undefined && !['rsync', 'copy', 'link', 'hardlink'].includes(method)) {
    slips.push({ found: `method=${method}`, write: 'write rsync, copy, link or hardlink' });
  }
  return options;
}

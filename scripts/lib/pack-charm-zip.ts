/**
 * Writes a charm's archive: a ZIP file (PKWARE's APPNOTE 6.3, what Juju reads) that is the same bytes for the same files. The
 * `zip` program writes times, owners and the order of the directory into it; nothing here depends on them.
 */

import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';

export interface ArchiveFile {
  /** Relative, with slashes. */
  readonly path: string;
  readonly mode: 0o644 | 0o755;
  readonly content: Uint8Array;
}

interface Entry {
  readonly header: Buffer;
  readonly name: Buffer;
  readonly mode: number;
  readonly offset: number;
}

const compress = promisify(deflateRaw);

/** 1980-01-01 00:00, the first time that the format knows, as date and time of MS-DOS. */
const DATE = (0 << 9) | (1 << 5) | 1;
const TIME = 0;
const UTF8_NAMES = 0x0800;
const DEFLATED = 8;
const STORED = 0;
const UNIX = 3;
const REGULAR = 0o100000;

/** The archive as parts in order; sorted by path, whatever the order of the files. Every file and the whole must be below 4 GiB. */
export async function zip(files: readonly ArchiveFile[]): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  const entries: Entry[] = [];
  let offset = 0;
  const sorted = files.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  for (const file of sorted) {
    const name = Buffer.from(file.path);
    const deflated = await compress(file.content, { level: 6 });
    const isSmaller = deflated.length < file.content.length;
    const data = isSmaller ? deflated : file.content;
    const header = commonHeader(file.content, data, isSmaller ? DEFLATED : STORED, name);
    entries.push({ header, name, mode: file.mode, offset });
    const local = [signature(0x04034b50), header, name, data];
    parts.push(...local);
    offset += local.reduce((sum, part) => sum + part.length, 0);
  }
  const directory = entries.flatMap(directoryEntry);
  return [...parts, ...directory, endOfDirectory(entries.length, Buffer.concat(directory).length, offset)];
}

/** The part that a file's own header and the directory have in common. */
function commonHeader(content: Uint8Array, data: Uint8Array, method: number, name: Buffer): Buffer {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(20, 0);
  header.writeUInt16LE(UTF8_NAMES, 2);
  header.writeUInt16LE(method, 4);
  header.writeUInt16LE(TIME, 6);
  header.writeUInt16LE(DATE, 8);
  header.writeUInt32LE(crc32(content), 10);
  header.writeUInt32LE(data.length, 14);
  header.writeUInt32LE(content.length, 18);
  header.writeUInt16LE(name.length, 22);
  return header;
}

function directoryEntry({ header, name, mode, offset }: Entry): Buffer[] {
  const madeBy = Buffer.from([20, UNIX]);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(((REGULAR | mode) << 16) >>> 0, 6);
  rest.writeUInt32LE(offset, 10);
  return [signature(0x02014b50), madeBy, header, rest, name];
}

function endOfDirectory(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}

function signature(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

/** A simplestreams server on the loopback, as LXD's image servers are ones, with one image. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';
import { metadataFiles } from '../../src/images/metadata.ts';

export interface Remote {
  readonly url: string;
  /** What LXD asked for. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const address = z.object({ port: z.number() });

/** Serves the root file system under the alias `tiny`. */
export async function serveImage(directory: string, rootfs: string): Promise<Remote> {
  const meta = join(directory, 'remote-metadata');
  for (const [name, text] of metadataFiles('x86_64', Date.now())) {
    await mkdir(join(meta, name, '..'), { recursive: true });
    await writeFile(join(meta, name), text);
  }
  await execa('tar', ['-C', meta, '-cJf', join(directory, 'lxd.tar.xz'), '.']);
  await execa('sh', ['-c', 'xz -0 < "$1" > "$2"', 'sh', rootfs, join(directory, 'root.tar.xz')]);
  const files = new Map([
    ['/lxd.tar.xz', await readFile(join(directory, 'lxd.tar.xz'))],
    ['/root.tar.xz', await readFile(join(directory, 'root.tar.xz'))],
  ]);
  const item = (ftype: string) => {
    const content = files.get(`/${ftype}`) ?? Buffer.alloc(0);
    return { ftype, path: ftype, size: content.length, sha256: digest(content) };
  };
  const both = Buffer.concat([...files.values()]);
  const product = {
    aliases: 'tiny',
    arch: 'amd64',
    os: 'tiny',
    release: 'one',
    release_title: 'one',
    variant: 'default',
    versions: {
      '20261123_0000': {
        items: {
          'lxd.tar.xz': {
            ...item('lxd.tar.xz'),
            combined_rootxz_sha256: digest(both),
            combined_sha256: digest(both),
          },
          'root.tar.xz': item('root.tar.xz'),
        },
      },
    },
  };
  const id = 'tiny:one:amd64:default';
  const index = {
    datatype: 'image-downloads',
    path: 'streams/v1/images.json',
    format: 'products:1.0',
    products: [id],
  };
  files.set(
    '/streams/v1/index.json',
    Buffer.from(JSON.stringify({ format: 'index:1.0', index: { images: index } })),
  );
  files.set(
    '/streams/v1/images.json',
    Buffer.from(
      JSON.stringify({
        content_id: 'images',
        datatype: 'image-downloads',
        format: 'products:1.0',
        products: { [id]: product },
      }),
    ),
  );
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const content = files.get(path);
    response.writeHead(content === undefined ? 404 : 200, { 'content-length': content?.length ?? 0 });
    response.end(content);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = address.parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function digest(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

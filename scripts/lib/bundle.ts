/** One file for a program, as it ships: no node_modules beside it, no types to strip at each start. */
import { join } from 'node:path';
import { build } from 'esbuild';

/** CommonJS parts of a bundle still call require() for Node's own modules. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/**
 * Bundles the program at `entry` into `outfile`, for the Node that the project pins. Each name in
 * `define` is replaced by the expression that it stands for. Gives the files that are in it, relative
 * to the repository, in a fixed order.
 */
export async function bundle(
  entry: string,
  outfile: string,
  define: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    outfile,
    absWorkingDir: join(import.meta.dirname, '../..'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    banner: { js: BANNER },
    logLevel: 'error',
    define: { ...define },
    metafile: true,
  });
  return Object.keys(metafile.inputs).toSorted();
}

/** One file for a program, as it ships: no node_modules beside it, no types to strip at each start. */
import { build } from 'esbuild';

/** CommonJS parts of a bundle still call require() for Node's own modules. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Bundles the program at `entry` into `outfile`, for the Node that the project pins. */
export async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    banner: { js: BANNER },
    logLevel: 'error',
  });
}

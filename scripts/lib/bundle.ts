/** One file for a program, as it ships: no node_modules beside it, no types to strip at each start. */
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** CommonJS parts of a bundle still call require() for Node's own modules. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/**
 * Node's own modules are loaded when the module that needs them is. As imports they would all stand at the top of the file, and an
 * import reads every export: that of node:http alone loads undici.
 */
const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z:_/]+$/ }, ({ path }) =>
      isBuiltin(path) ? { path, namespace: 'builtin' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

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
    plugins: [lazyBuiltins],
    banner: { js: BANNER },
    logLevel: 'error',
    define: { ...define },
    metafile: true,
  });
  return Object.keys(metafile.inputs)
    .filter((path) => !path.startsWith('builtin:'))
    .toSorted();
}

/** Makes sure of Debian's tools for building packages. */
import { installPackages, isProgram, mayInstallPackages } from './install-packages.ts';
import { installFailed, installing } from './messages.ts';
import { packToolsMissing } from './pack-messages.ts';

const needed: ReadonlyMap<string, string> = new Map([
  ['dpkg-buildpackage', 'dpkg-dev'],
  ['dh', 'debhelper'],
  ['po2debconf', 'po-debconf'],
]);

export type ToolsOutcome = { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly reason: string };

export async function ensurePackTools(): Promise<ToolsOutcome> {
  return await ensureTools(needed);
}

/** Makes sure of programs in /usr/bin, each of which is in a package of the distribution. */
export async function ensureTools(programs: ReadonlyMap<string, string>): Promise<ToolsOutcome> {
  const missing = await missingPackages(programs);
  if (missing.length === 0) return { kind: 'ready' };
  if (!(await mayInstallPackages())) return { kind: 'failed', reason: packToolsMissing(missing) };
  console.error(installing(missing));
  const { output } = await installPackages(missing);
  if ((await missingPackages(programs)).length > 0)
    return { kind: 'failed', reason: installFailed(missing, output) };
  return { kind: 'ready' };
}

async function missingPackages(programs: ReadonlyMap<string, string>): Promise<string[]> {
  const missing: string[] = [];
  for (const [program, name] of programs) if (!(await isProgram(`/usr/bin/${program}`))) missing.push(name);
  return missing;
}

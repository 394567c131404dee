/** Reads a manifest: a phase a line, with its parameters. Every mistake is told, with its line. */
import { type ParameterKind, phaseKinds, refusedParameters, refusedPhases } from './phases.ts';
import { nearest, type Problem } from './problem.ts';
import { splitLine, type Word } from './words.ts';

export interface Phase {
  readonly line: number;
  readonly name: string;
  /** The phase's own parameters, not yet expanded. */
  readonly parameters: ReadonlyMap<string, string>;
  /** What its script finds in the environment, not yet expanded. */
  readonly variables: ReadonlyMap<string, string>;
}

export interface Manifest {
  readonly phases: readonly Phase[];
  readonly problems: readonly Problem[];
}

export function parseManifest(file: string, text: string): Manifest {
  const phases: Phase[] = [];
  const problems: Problem[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const number = index + 1;
    const split = splitLine(line);
    if (split.kind === 'slips') {
      problems.push(...split.slips.map((slip) => ({ file, line: number, ...slip })));
      continue;
    }
    const read = readPhase(number, split.phase, split.words);
    if ('phase' in read) phases.push(read.phase);
    else problems.push(...read.slips.map((slip) => ({ file, line: number, ...slip })));
  }
  if (phases.length === 0 && problems.length === 0) {
    problems.push({ file, line: 1, found: 'no phase', write: 'write at least one' });
  }
  return { phases, problems };
}

type Slips = readonly { readonly found: string; readonly write: string }[];

function readPhase(
  line: number,
  name: string,
  words: readonly Word[],
): { readonly phase: Phase } | { readonly slips: Slips } {
  const refused = refusedPhases[name];
  if (refused !== undefined) return { slips: [{ found: `the phase ${name}`, write: refused }] };
  const kind = phaseKinds[name];
  if (kind === undefined) {
    const near = nearest(name, Object.keys(phaseKinds));
    const write =
      near === undefined
        ? `the phases are ${Object.keys(phaseKinds).join(', ')}`
        : `write ${near}${name === 'juju' ? ' as one word' : ''}`;
    return { slips: [{ found: `the phase ${name}`, write }] };
  }
  const slips: { found: string; write: string }[] = [];
  const parameters = new Map<string, string>();
  const variables = new Map<string, string>();
  for (const { key, value } of words) {
    if (parameters.has(key) || variables.has(key)) {
      slips.push({ found: `${key} twice`, write: 'say it once: which one wins is not known' });
      continue;
    }
    const parameter = kind.parameters[key];
    if (parameter !== undefined) {
      const wrong = wrongValue(parameter, value);
      if (wrong !== undefined) slips.push({ found: `${key}=${value}`, write: wrong });
      parameters.set(key, value);
    } else if (kind.variables === 'taken' && /^[A-Z][A-Z0-9_]*$/.test(key)) {
      if (key.startsWith('MOJO_'))
        slips.push({ found: key, write: 'that is for Mojo to set: choose another name' });
      variables.set(key, value);
    } else slips.push({ found: `${key} for ${name}`, write: wrongParameter(name, key) });
  }
  for (const need of kind.needs) {
    // A slip in a name is told as that.
    if (slips.length === 0 && !parameters.has(need))
      slips.push({ found: `${name} without ${need}`, write: `write ${need}=…` });
  }
  return slips.length > 0 ? { slips } : { phase: { line, name, parameters, variables } };
}

function wrongParameter(phase: string, key: string): string {
  const { parameters = {}, variables } = phaseKinds[phase] ?? {};
  if (refusedParameters[phase]?.includes(key)) return 'leave it out: what it does is not known';
  if (variables === 'taken' && nearest(key, Object.keys(parameters)) === undefined) {
    return `write ${key.toUpperCase().replaceAll('-', '_')}, if it is a variable for the script`;
  }
  const near = nearest(key, Object.keys(parameters));
  if (near !== undefined) return `write ${near}`;
  const known = Object.keys(parameters);
  return known.length === 0 ? 'leave it out: it takes none' : `it takes ${known.join(', ')}`;
}

function wrongValue(kind: ParameterKind, value: string): string | undefined {
  const plain = value.replaceAll(/\$\{[^}]*\}/g, '1');
  switch (kind) {
    case 'seconds':
      return /^\d+$/.test(plain) ? undefined : 'give a number of seconds';
    case 'false':
      return value === 'False' ? undefined : 'the only value that is known is False';
    case 'path':
      return plain.startsWith('/') || plain.split('/').includes('..')
        ? 'give a path within the spec'
        : undefined;
  }
}

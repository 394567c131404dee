/** Reads a bundle and its overlays from files, and merges them as `juju deploy BUNDLE --overlay FILE` does. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { baseOf, withOverlay } from './juju-bundle-overlay.ts';
import {
  type ApplicationSpec,
  type Bundle,
  BundleError,
  type BundlePart,
  partSchema,
} from './juju-bundle-schema.ts';

/** A file, read already: one document or several, of which the later ones are overlays. */
interface Source {
  readonly text: string;
  /** What relative paths in it are relative to. */
  readonly directory: string;
}

/**
 * `path` is a file or a directory with a bundle.yaml. Charms' paths are absolute afterwards, and so are resources' (these are relative to
 * the bundle, whichever file names them).
 * @throws BundleError with what is wrong, and where.
 */
export function readBundle(path: string, overlays: readonly string[] = []): Bundle {
  const file = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, 'bundle.yaml') : path;
  const bundle = mergeSources([file, ...overlays].map(sourceOf));
  const directory = dirname(resolve(file));
  const applications = Object.entries(bundle.applications).map(([name, application]) => {
    const { resources } = application;
    if (!resources) return [name, application] as const;
    return [name, { ...application, resources: withPaths(resources, directory) }] as const;
  });
  return { ...bundle, applications: Object.fromEntries(applications) };
}

/** A resource is the number of a revision, or a path. */
function withPaths(resources: Readonly<Record<string, unknown>>, directory: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(resources).map(([name, value]) => [
      name,
      typeof value === 'string' && !isAbsolute(value) ? join(directory, value) : value,
    ]),
  );
}

function sourceOf(path: string): Source {
  try {
    return { text: readFileSync(path, 'utf8'), directory: dirname(resolve(path)) };
  } catch {
    throw new BundleError(`"${path}" not found`);
  }
}

/** All of them together; after each document, what it includes is put in from where its file lies. */
export function mergeSources(sources: readonly Source[]): Bundle {
  let bundle: Bundle | undefined;
  for (const source of sources) {
    for (const part of partsOf(source)) {
      bundle = bundle === undefined ? baseOf(part) : withOverlay(bundle, part);
      bundle = resolved(bundle, source.directory);
    }
  }
  if (bundle === undefined) throw new BundleError('malformed bundle: bundle is empty not valid');
  return bundle;
}

function partsOf({ text, directory }: Source): BundlePart[] {
  // As Go's YAML, with its merge keys.
  return parseAllDocuments(text, { version: '1.1' }).map((document, index) => {
    const [error] = document.errors;
    if (error !== undefined) throw new BundleError(`in ${directory}, document ${index}: ${error.message}`);
    const found = partSchema.safeParse(document.toJS() ?? {});
    if (found.success) return found.data;
    throw new BundleError(`in ${directory}, document ${index}:\n${z.prettifyError(found.error)}`);
  });
}

function resolved(bundle: Bundle, directory: string): Bundle {
  const applications = Object.entries(bundle.applications).map(([name, application]) => [
    name,
    resolvedApplication(application, directory),
  ]);
  const machines = Object.entries(bundle.machines).map(([id, machine]) => [
    id,
    machine && {
      ...machine,
      ...(machine.annotations && { annotations: included(machine.annotations, directory) }),
    },
  ]);
  return {
    ...bundle,
    applications: Object.fromEntries(applications),
    machines: Object.fromEntries(machines),
  };
}

function resolvedApplication(application: ApplicationSpec, directory: string): ApplicationSpec {
  const { charm, options, annotations } = application;
  return {
    ...application,
    ...(charm?.startsWith('.') && { charm: resolve(directory, charm) }),
    ...(options && { options: included(options, directory) }),
    ...(annotations && { annotations: included(annotations, directory) }),
  };
}

/** The only variables that a bundle has: `include-file://PATH`, and `include-base64://PATH` for what is not text. */
function included<T>(values: Readonly<Record<string, T>>, directory: string): Record<string, T | string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const [, how, path] = /^include-(file|base64):\/\/([\s\S]*)$/.exec(String(value)) ?? [];
      if (typeof value !== 'string' || how === undefined || path === undefined) return [key, value];
      const absolute = resolve(directory, path);
      if (!statSync(absolute, { throwIfNoEntry: false })?.isFile()) {
        throw new BundleError(`processing "${key}": include file "${absolute}" not found`);
      }
      const content = readFileSync(absolute);
      return [key, how === 'base64' ? content.toString('base64') : content.toString('utf8')];
    }),
  );
}

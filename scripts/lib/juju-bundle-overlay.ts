/**
 * How an overlay is laid over a bundle: Juju's domain/deployment/charm/overlay.go, rule by rule, which is held against Juju's own tests.
 * What an overlay says is told apart from what it does not mention: `key:` with nothing behind it clears the value that is there.
 */
import { type ApplicationSpec, type Bundle, BundleError, type BundlePart } from './juju-bundle-schema.ts';

function emptyBundle(): Bundle {
  return { applications: {}, machines: {}, saas: {}, relations: [], defaultBase: undefined };
}

/**
 * The first document of all. What it has must not be what only an overlay may have.
 * @throws BundleError
 */
export function baseOf(part: BundlePart): Bundle {
  const wrong = Object.entries(part.applications ?? {}).flatMap(([name, application]) =>
    (['exposed-endpoints', 'offers'] as const)
      .filter((field) => Object.keys(application?.[field] ?? {}).length > 0)
      .map((field) => `applications.${name}.${field} can only appear in an overlay section`),
  );
  const [first, ...more] = wrong;
  if (first !== undefined) {
    throw new BundleError(more.length === 0 ? first : `${first} (and ${more.length} more errors)`);
  }
  for (const [name, application] of Object.entries(part.applications ?? {})) {
    if (application === null) throw new BundleError(`base application "${name}" has no body`);
  }
  return withOverlay(emptyBundle(), part);
}

export function withOverlay(base: Bundle, overlay: BundlePart): Bundle {
  const applications = { ...base.applications };
  const saas = { ...base.saas };
  let { relations } = base;
  for (const [name, over] of Object.entries(overlay.applications ?? {})) {
    if (over === null) {
      delete applications[name];
      relations = relations.filter((relation) => !isOf(relation, name));
    } else applications[name] = mergedApplication(applications[name] ?? {}, over);
  }
  for (const [name, over] of Object.entries(overlay.saas ?? {})) {
    if (over === null) {
      delete saas[name];
      relations = relations.filter((relation) => !isOf(relation, name));
    } else saas[name] = { ...saas[name], ...over };
  }
  return {
    applications,
    saas,
    relations: [...relations, ...(overlay.relations ?? [])],
    machines: overlay.machines ?? base.machines,
    defaultBase: overlay['default-base'] || base.defaultBase,
  };
}

/** One of a wrong length stays, for whoever checks the bundle. */
function isOf(relation: readonly string[], application: string): boolean {
  return (
    relation.length === 2 && relation.some((end) => end === application || end.startsWith(`${application}:`))
  );
}

/** Scalars and lists are replaced, maps are merged key by key. */
function mergedApplication(base: ApplicationSpec, over: ApplicationSpec): ApplicationSpec {
  return {
    ...base,
    ...over,
    ...(over.options !== undefined && { options: mergedValues(base.options, over.options) }),
    ...(over.resources !== undefined && { resources: mergedValues(base.resources, over.resources) }),
    ...(over.offers !== undefined && { offers: mergedValues(base.offers, over.offers) }),
    ...(over['exposed-endpoints'] !== undefined && {
      'exposed-endpoints': mergedValues(base['exposed-endpoints'], over['exposed-endpoints']),
    }),
    ...(over.annotations !== undefined && { annotations: mergedTexts(base.annotations, over.annotations) }),
    ...(over.storage !== undefined && { storage: mergedTexts(base.storage, over.storage) }),
    ...(over.devices !== undefined && { devices: mergedTexts(base.devices, over.devices) }),
    ...(over.bindings !== undefined && { bindings: mergedTexts(base.bindings, over.bindings) }),
  };
}

type Values = Readonly<Record<string, unknown>>;
type Texts = Readonly<Record<string, string | null>>;

/** Nothing clears the whole map; a key with nothing behind it goes. */
function mergedValues(base: Values | null | undefined, over: Values | null): Values {
  if (over === null) return {};
  return Object.fromEntries(
    Object.entries({ ...base, ...over }).filter(([key, value]) => !(key in over && value === null)),
  );
}

/** A text with nothing behind its key is an empty text, and stays: Go has no other nothing for it. */
function mergedTexts(base: Texts | null | undefined, over: Texts | null): Texts {
  if (over === null) return {};
  return Object.fromEntries(Object.entries({ ...base, ...over }).map(([key, value]) => [key, value ?? '']));
}

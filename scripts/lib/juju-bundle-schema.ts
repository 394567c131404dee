/**
 * What may stand in a Juju bundle and in its overlays: Juju's domain/deployment/charm/bundledata.go. Unknown keys are mistakes here; Juju
 * passes over them in silence, and tells of them only with --dry-run.
 */
import * as z from 'zod';

const texts = z.record(z.string(), z.string().nullable());
const values = z.record(z.string(), z.unknown());

const applicationSchema = z.strictObject({
  charm: z.string().nullish(),
  channel: z.string().nullish(),
  revision: z.int().nullish(),
  base: z.string().nullish(),
  series: z.string().nullish(),
  num_units: z.int().nullish(),
  to: z.array(z.string()).nullish(),
  expose: z.boolean().nullish(),
  'exposed-endpoints': values.nullish(),
  options: values.nullish(),
  annotations: texts.nullish(),
  constraints: z.string().nullish(),
  storage: texts.nullish(),
  devices: texts.nullish(),
  resources: values.nullish(),
  bindings: texts.nullish(),
  offers: values.nullish(),
  plan: z.string().nullish(),
  trust: z.boolean().nullish(),
});
export type ApplicationSpec = Readonly<z.infer<typeof applicationSchema>>;

const machineSchema = z.strictObject({
  constraints: z.string().nullish(),
  annotations: texts.nullish(),
  base: z.string().nullish(),
});

/** One document: a bundle, or an overlay. A bundle for Kubernetes has more. `series` is Juju 3's word for a base; Juju 4 passes over it. */
export const partSchema = z.strictObject({
  applications: z.record(z.string(), applicationSchema.nullable()).nullish(),
  machines: z.record(z.string(), machineSchema.nullable()).nullish(),
  saas: z.record(z.string(), z.strictObject({ url: z.string().nullish() }).nullable()).nullish(),
  'default-base': z.string().nullish(),
  series: z.string().nullish(),
  relations: z.array(z.array(z.string())).nullish(),
  tags: z.array(z.string()).nullish(),
  description: z.string().nullish(),
});
export type BundlePart = z.infer<typeof partSchema>;
type MachineSpec = Readonly<z.infer<typeof machineSchema>>;

/** A bundle with its overlays merged in, and all includes in their places. */
export interface Bundle {
  readonly applications: Readonly<Record<string, ApplicationSpec>>;
  readonly machines: Readonly<Record<string, MachineSpec | null>>;
  readonly saas: Readonly<Record<string, { readonly url?: string | null | undefined }>>;
  readonly relations: readonly (readonly string[])[];
  readonly defaultBase: string | undefined;
}

/** Something about the files that Juju would refuse, in one sentence. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}

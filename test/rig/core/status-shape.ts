/** What `juju status --format json` gives (status-samples of the recordings): the client's cmd/juju/status/formatted.go, as far as the rig has it. */
import * as z from 'zod';

const shownSchema = z.object({
  current: z.string(),
  message: z.string().optional(),
  since: z.string().optional(),
  version: z.string().optional(),
  life: z.string().optional(),
});
export type Shown = z.infer<typeof shownSchema>;

const baseSchema = z.object({ name: z.string(), channel: z.string() });

const unitSchema = z.object({
  'workload-status': shownSchema,
  'juju-status': shownSchema,
  leader: z.boolean().optional(),
  machine: z.string().optional(),
  'open-ports': z.array(z.string()).optional(),
  'public-address': z.string().optional(),
});
export type UnitShown = Readonly<z.infer<typeof unitSchema>>;

const machineSchema = z.looseObject({
  'juju-status': shownSchema,
  hostname: z.string().optional(),
  'dns-name': z.string().optional(),
  'ip-addresses': z.array(z.string()).optional(),
  'instance-id': z.string(),
  'machine-status': shownSchema,
  'modification-status': z.object({}),
  base: baseSchema,
  constraints: z.string().optional(),
  hardware: z.string().optional(),
});

const applicationSchema = z.object({
  charm: z.string(),
  base: baseSchema,
  'charm-origin': z.string(),
  'charm-name': z.string(),
  'charm-rev': z.number(),
  exposed: z.boolean(),
  life: z.string(),
  'application-status': shownSchema,
  relations: z
    .record(
      z.string(),
      z.array(z.object({ 'related-application': z.string(), interface: z.string(), scope: z.string() })),
    )
    .optional(),
  units: z.record(z.string(), unitSchema).optional(),
  version: z.string().optional(),
  'endpoint-bindings': z.record(z.string(), z.string()),
});

const storageSchema = z.object({
  storage: z
    .record(
      z.string(),
      z.looseObject({
        kind: z.string(),
        life: z.string(),
        status: shownSchema,
        persistent: z.boolean(),
        attachments: z.object({ units: z.record(z.string(), z.looseObject({})) }).optional(),
      }),
    )
    .optional(),
  filesystems: z
    .record(
      z.string(),
      z.looseObject({
        storage: z.string().optional(),
        pool: z.string().optional(),
        size: z.number(),
        attachments: z
          .looseObject({
            machines: z.record(z.string(), z.looseObject({ 'mount-point': z.string() })).optional(),
          })
          .optional(),
      }),
    )
    .optional(),
});

export const fullStatusSchema = z.object({
  model: z.object({
    name: z.string(),
    type: z.string(),
    controller: z.string(),
    cloud: z.string(),
    region: z.string(),
    version: z.string(),
    'model-status': shownSchema,
  }),
  machines: z.record(z.string(), machineSchema),
  applications: z.record(z.string(), applicationSchema),
  storage: storageSchema,
  controller: z.object({ timestamp: z.string() }),
});
export type FullStatus = Readonly<z.infer<typeof fullStatusSchema>>;
export type ApplicationShown = FullStatus['applications'][string];
export type MachineShown = FullStatus['machines'][string];

/** A line of the table's relations. */
export interface RelationShown {
  readonly provider: string;
  readonly requirer: string;
  readonly interface: string;
  readonly type: 'regular' | 'peer' | 'subordinate';
  readonly status: 'joining' | 'joined' | 'suspended';
}

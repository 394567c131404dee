/**
 * A Juju model, in the words of the `juju` command: what the deployment cases speak to. One driver runs charms on this machine's LXD
 * (`rig-model.ts`), the other the real client against whatever controller is current (`juju-model.ts`).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';

export type Settings = Readonly<Record<string, string | number | boolean>>;

export interface DeployOptions {
  readonly units?: number;
  /** A machine that is there already. */
  readonly to?: string;
  readonly config?: Settings;
  /** Files by resource. */
  readonly resources?: Readonly<Record<string, string>>;
  /** Sizes by storage: `512M`. */
  readonly storage?: Readonly<Record<string, string>>;
}

const shownSchema = z.object({ current: z.string().default(''), message: z.string().default('') });

const unitSchema = z.object({
  'workload-status': shownSchema,
  'juju-status': shownSchema,
  machine: z.string().default(''),
  leader: z.boolean().default(false),
  'public-address': z.string().default(''),
  'open-ports': z.array(z.string()).default([]),
});

/** `juju status --format json`, as far as it is read here. */
export const statusSchema = z.object({
  machines: z
    .record(z.string(), z.object({ 'juju-status': shownSchema, 'dns-name': z.string().default('') }))
    .default({}),
  applications: z
    .record(
      z.string(),
      z.object({
        'charm-rev': z.number().default(0),
        'application-status': shownSchema,
        version: z.string().default(''),
        units: z
          .record(z.string(), unitSchema)
          .nullish()
          .transform((units) => units ?? {}),
      }),
    )
    .default({}),
});
export type ModelStatus = Readonly<z.infer<typeof statusSchema>>;
export type UnitStatus = Readonly<z.infer<typeof unitSchema>>;

export interface ActionResult {
  readonly status: string;
  readonly message: string;
  readonly results: Readonly<Record<string, unknown>>;
}

export interface Ran {
  readonly code: number;
  readonly output: string;
}

export interface Model {
  /** `charm` is the path of a packed charm. */
  deploy(charm: string, application: string, options?: DeployOptions): Promise<void>;
  /** A bundle's file, and files of overlays, laid over it in this order. */
  deployBundle(bundle: string, overlays?: readonly string[]): Promise<void>;
  config(application: string, settings: Settings): Promise<void>;
  resetConfig(application: string, keys: readonly string[]): Promise<void>;
  integrate(one: string, other: string): Promise<void>;
  removeRelation(one: string, other: string): Promise<void>;
  /** `to`: a machine that is there already. */
  addUnit(application: string, to?: string): Promise<void>;
  removeUnit(unit: string): Promise<void>;
  removeApplication(application: string): Promise<void>;
  /** One that is lost, with its units, by force: none of their hooks run. */
  removeMachine(machine: string): Promise<void>;
  run(unit: string, action: string, parameters?: Settings): Promise<ActionResult>;
  refresh(application: string, charm: string): Promise<void>;
  attachResource(application: string, resource: string, file: string): Promise<void>;
  /** Gives the URI, `secret:ID`. */
  addSecret(name: string, content: Readonly<Record<string, string>>): Promise<string>;
  updateSecret(name: string, content: Readonly<Record<string, string>>): Promise<void>;
  grantSecret(name: string, application: string): Promise<void>;
  resolve(unit: string): Promise<void>;
  status(): Promise<ModelStatus>;
  /** Runs a shell command in the unit's context: as an action, it waits for its turn. */
  exec(unit: string, command: string): Promise<Ran>;
  /** Runs a shell command as root on the unit's machine, at once. */
  ssh(unit: string, command: string): Promise<Ran>;
  /** Waits until the status is as the condition says; the error tells what was there instead. */
  waitFor(what: string, condition: (status: ModelStatus) => boolean, seconds?: number): Promise<ModelStatus>;
  /** For scripts that call `juju`: the variables under which it is about this model. */
  client(): Promise<Client>;
  destroy(): Promise<void>;
}

export interface Client {
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const usualSeconds = 300;
const everyMilliseconds = 250;

/** `waitFor` of both drivers. `failed` adds what the driver knows. */
export async function waitForStatus(
  model: Pick<Model, 'status'>,
  what: string,
  condition: (status: ModelStatus) => boolean,
  options: { readonly seconds: number | undefined; readonly every?: number; readonly failed?: () => string },
): Promise<ModelStatus> {
  const seconds = options.seconds ?? usualSeconds;
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const status = await model.status();
    if (condition(status)) return status;
    if (Date.now() > deadline) {
      throw new Error(
        `not within ${seconds} s: ${what}\n${describe(status)}\n${options.failed?.() ?? ''}`.trimEnd(),
      );
    }
    await sleep(options.every ?? everyMilliseconds);
  }
}

/** The lines of `juju status`. */
function describe({ applications }: ModelStatus): string {
  return Object.values(applications)
    .flatMap(({ units }) => Object.entries(units))
    .map(([name, unit]) => {
      const { 'workload-status': workload, 'juju-status': agent } = unit;
      return `${name}${unit.leader ? '*' : ''}  ${workload.current}  ${agent.current}  ${agent.message} ${workload.message}`;
    })
    .join('\n');
}

export function unitsIn(status: ModelStatus, application: string): readonly [string, UnitStatus][] {
  return Object.entries(status.applications[application]?.units ?? {});
}

/** All of the application's units, this many, are as said, and nothing runs on them. */
export function settled(
  status: ModelStatus,
  application: string,
  count: number,
  workload = 'active',
): boolean {
  const units = unitsIn(status, application);
  return (
    units.length === count &&
    units.every(
      ([, unit]) => unit['workload-status'].current === workload && unit['juju-status'].current === 'idle',
    )
  );
}

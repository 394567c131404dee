/**
 * What Juju holds of one unit, as a value: what a test begins with, and what it gets back. Never changed in place.
 * Text is plain here, as in Juju's own files: parsing it is the charm's part.
 */
import type { Databag } from '../src/databag.ts';
import type { Status } from '../src/status.ts';
import type { Charmcraft } from './charmcraft.ts';

export interface RelationState {
  /** The number in the model: the 7 of `workers:7`. */
  readonly id: number;
  readonly endpoint: string;
  /** In a peer relation the charm's own application. */
  readonly remoteApplication: string;
  readonly remoteEndpoint: string;
  /** The units that have joined, with their databags. In a peer relation the other units of the application. */
  readonly remoteUnits: Readonly<Record<string, Databag>>;
  /** Of the application at the other end; unused in a peer relation, where there is one application databag only. */
  readonly remoteApplicationData: Databag;
  readonly unitData: Databag;
  readonly applicationData: Databag;
  /** Units that are gone: no longer listed, still readable (recorded on Juju 4.0.14). */
  readonly departedUnits: Readonly<Record<string, Databag>>;
  /** Of the other end. */
  readonly modelUuid: string;
}

export interface SecretState {
  /** 20 characters of 0-9 and a-v, as Juju makes them. */
  readonly id: string;
  /** `elsewhere`: another unit's, another application's, or a user's. */
  readonly owner: 'unit' | 'application' | 'elsewhere';
  /** The owner's label; of a secret from elsewhere the one that this unit gave it. */
  readonly label: string;
  readonly description: string;
  readonly rotation: string;
  readonly expiry: string | undefined;
  readonly rotates: string | undefined;
  /** Oldest first. */
  readonly revisions: readonly { readonly revision: number; readonly content: Databag }[];
  /** The revision that this unit reads; the newest at its first read. */
  readonly tracked: number | undefined;
  /** Whether this unit may read a secret from elsewhere. */
  readonly access: 'granted' | 'denied';
  /** To whom an own secret is granted, in Juju's tags: `application-taker`, `unit-taker-0`. */
  readonly grants: readonly { readonly target: string; readonly relation: number }[];
}

export interface StorageState {
  /** `data/0`. */
  readonly id: string;
  readonly location: string;
}

interface NetworkState {
  readonly address: string;
  /** The network of the address, and where connections come from. */
  readonly subnet: string;
  readonly egress: string;
}

export interface OpenedPortState {
  /** `8010/tcp`, `8000-8010/udp`, `icmp`. */
  readonly port: string;
  readonly endpoints: 'all' | readonly string[];
}

export interface State {
  readonly unit: string;
  readonly leader: boolean;
  /** What the operator set; the defaults come from charmcraft.yaml. */
  readonly config: Readonly<Record<string, string | number | boolean>>;
  readonly relations: readonly RelationState[];
  readonly secrets: readonly SecretState[];
  readonly storage: readonly StorageState[];
  /** The resources that are attached, by name: the path of the local copy. */
  readonly resources: Readonly<Record<string, string>>;
  readonly openedPorts: readonly OpenedPortState[];
  /** Ports that other units of the same machine hold: `keep/0` -> `443/tcp`. */
  readonly portsOfOthers: Readonly<Record<string, readonly string[]>>;
  readonly status: { readonly status: string; readonly message: string };
  readonly applicationStatus: { readonly status: string; readonly message: string };
  readonly workloadVersion: string;
  /** The unit's own state (`state-get`). */
  readonly stored: Databag;
  /** The other units of the application, for goal-state and the leader's `status-get`. */
  readonly otherUnits: Readonly<Record<string, Status['status'] | 'dying' | 'unknown'>>;
  readonly network: NetworkState;
  /** `undefined` until the operator trusts the application. */
  readonly cloud: Readonly<Record<string, unknown>> | undefined;
  readonly model: { readonly name: string; readonly uuid: string };
  readonly jujuVersion: string;
  readonly charmDirectory: string;
}

const modelUuid = '00000000-0000-4000-8000-000000000001';

/** A unit that Juju has just made, with what a test wants to be different. */
export function newState(charm: Charmcraft, given: Partial<State> = {}): State {
  const unit = given.unit ?? `${charm.name}/0`;
  const network = given.network ?? { address: '192.0.2.10', subnet: '192.0.2.0/24', egress: '192.0.2.10/32' };
  return Object.freeze({
    unit,
    leader: true,
    config: {},
    secrets: [],
    storage: [],
    resources: {},
    openedPorts: [],
    portsOfOthers: {},
    status: { status: 'maintenance', message: 'installing charm software' },
    applicationStatus: { status: 'unknown', message: '' },
    workloadVersion: '',
    stored: {},
    otherUnits: peersOf(charm, given.relations ?? []),
    cloud: undefined,
    model: { name: 'testing', uuid: modelUuid },
    jujuVersion: '4.0.14',
    charmDirectory: `/var/lib/juju/agents/unit-${unit.replace('/', '-')}/charm`,
    ...given,
    network,
    relations: (given.relations ?? []).map((relation) => ({
      ...relation,
      unitData: { ...jujuData(network), ...relation.unitData },
    })),
  });
}

/** A relation with what a test does not care about filled in; remote units get the addresses that Juju gives them. */
export function relation(
  given: Pick<RelationState, 'endpoint' | 'remoteApplication'> & Partial<RelationState>,
): RelationState {
  const remoteUnits = Object.entries(given.remoteUnits ?? {}).map(
    ([unit, data], index): [string, Databag] => {
      const address = `192.0.2.${20 + index}`;
      return [unit, { ...jujuData({ address, subnet: '', egress: `${address}/32` }), ...data }];
    },
  );
  return Object.freeze({
    id: 1,
    remoteEndpoint: given.endpoint,
    remoteApplicationData: {},
    unitData: {},
    applicationData: {},
    departedUnits: {},
    modelUuid,
    ...given,
    remoteUnits: Object.fromEntries(remoteUnits),
  });
}

/** A secret with its first revision, this application's own if nothing else is said. */
export function secret(
  given: Pick<SecretState, 'id'> & Partial<SecretState> & { readonly content?: Databag },
): SecretState {
  const { content = { key: 'value' }, ...rest } = given;
  return Object.freeze({
    owner: 'application',
    label: '',
    description: '',
    rotation: 'never',
    expiry: undefined,
    rotates: undefined,
    revisions: [{ revision: 1, content }],
    tracked: undefined,
    access: 'granted',
    grants: [],
    ...rest,
  });
}

function jujuData({ address, egress }: NetworkState): Databag {
  return { 'egress-subnets': egress, 'ingress-address': address };
}

function peersOf(charm: Charmcraft, relations: readonly RelationState[]): State['otherUnits'] {
  const peers = relations.filter(({ endpoint }) => charm.endpoints.get(endpoint) === 'peer');
  const units = peers.flatMap(({ remoteUnits }) => Object.keys(remoteUnits));
  return Object.fromEntries(units.map((unit) => [unit, 'active']));
}

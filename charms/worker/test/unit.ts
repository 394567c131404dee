/** A unit of the charm in its world: what Juju holds of it, and the machine; events happen to it one after the other. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  Context,
  event,
  type FakeEvent,
  type Outcome,
  type RelationState,
  readCharmcraft,
  relation,
  type SecretState,
  type State,
  secret,
} from '@lpbuildbot/juju/testing';
import { workerCharm } from '../src/charm.ts';
import { FakeMachine } from './fake-machine.ts';

const charmcraft = readCharmcraft(join(import.meta.dirname, '../charmcraft.yaml'));

const ca = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const key = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ\n-----END PGP PUBLIC KEY BLOCK-----';
const secretId = 'e9v7jovsltub699lhip0';
export const debPath =
  '/var/lib/juju/agents/unit-buildbot-worker-0/resources/worker-deb/lpbuildbot-worker.deb';

export class Unit {
  readonly machine = new FakeMachine();
  readonly context = new Context(workerCharm(this.machine), charmcraft);
  state: Partial<State> = {
    unit: 'buildbot-worker/0',
    charmDirectory: '/var/lib/juju/agents/unit-buildbot-worker-0/charm',
  };

  constructor() {
    this.machine.put('/var/lib/juju/agents/unit-buildbot-worker-0/agent.conf', '');
  }

  /** @returns what came of it; the state goes on from there. */
  async happens(what: FakeEvent): Promise<Outcome> {
    const outcome = await this.context.run(what, this.state);
    assert.equal(outcome.stderr, '');
    this.state = outcome.state;
    return outcome;
  }

  async hook(what: FakeEvent = event.updateStatus()): Promise<string> {
    const { end } = await this.happens(what);
    assert.equal(end.kind, 'applied');
    return this.status;
  }

  async action(name: string, parameters: Record<string, unknown> = {}): Promise<Outcome['action']> {
    return (await this.happens(event.action(name, parameters))).action;
  }

  get status(): string {
    return `${this.state.status?.status}: ${this.state.status?.message}`;
  }

  configure(config: State['config']): void {
    this.state = { ...this.state, config: { ...this.state.config, ...config } };
  }

  attachDeb(version = '1.4.0'): void {
    this.machine.put(debPath, `Package: lpbuildbot-worker\nVersion: ${version}\n`);
    this.state = { ...this.state, resources: { 'worker-deb': debPath } };
  }

  useRepository(version = '1.4.0'): void {
    this.machine.repository = new Map([
      ['lpbuildbot-worker', version],
      ['lpbuildbot-node', version],
    ]);
    this.configure({
      'package-source': 'https://apt.example.com/lpbuildbot stable main',
      'package-key': key,
    });
  }

  get relation(): RelationState {
    const [found] = this.state.relations ?? [];
    assert.ok(found !== undefined, 'there is a relation');
    return found;
  }

  /** What the master is told. */
  get offer(): Record<string, string> {
    const { 'egress-subnets': _, 'ingress-address': __, ...own } = this.relation.unitData;
    return own;
  }

  integrate(): void {
    const remoteUnits = { 'buildbot-master/0': {} };
    this.setRelation(
      relation({ id: 4, endpoint: 'master', remoteApplication: 'buildbot-master', remoteUnits }),
    );
  }

  private setRelation(given: RelationState): void {
    this.state = { ...this.state, relations: [given] };
  }

  masterSays(databag: Record<string, string>): void {
    const said = this.relation.remoteUnits['buildbot-master/0'];
    this.setRelation({ ...this.relation, remoteUnits: { 'buildbot-master/0': { ...said, ...databag } } });
  }

  /** The master is up, and has made this unit a secret. */
  masterIsReady(): void {
    const credentials = JSON.stringify({ 'buildbot-worker/0': `secret:${secretId}` });
    this.masterSays({ version: '1', address: '192.0.2.1', port: '9989', ca, credentials });
  }

  masterGrants(password = 'first-password', name = 'buildbot-worker-0'): void {
    const given: SecretState = secret({
      id: secretId,
      owner: 'elsewhere',
      content: { name, password },
    });
    this.state = { ...this.state, secrets: [given] };
  }

  masterRotates(password: string): void {
    const secrets = (this.state.secrets ?? []).map((one) => ({
      ...one,
      revisions: [
        ...one.revisions,
        { revision: one.revisions.length + 1, content: { name: 'buildbot-worker-0', password } },
      ],
    }));
    this.state = { ...this.state, secrets };
  }

  relationEnds(): void {
    this.state = { ...this.state, relations: [], secrets: [] };
  }
}

export const recipes = 'images:\n  focal: { base: "ubuntu:20.04" }\n  jammy: { base: "ubuntu:22.04" }\n';

/** A unit that has everything, does nothing, and has a master. */
export async function runningUnit(from: 'resource' | 'repository' = 'resource'): Promise<Unit> {
  const unit = new Unit();
  if (from === 'resource') unit.attachDeb();
  else unit.useRepository();
  unit.configure({ images: recipes });
  await unit.hook(event.install());
  unit.integrate();
  unit.masterIsReady();
  unit.masterGrants();
  await unit.hook(event.relationChanged(unit.relation, { unit: 'buildbot-master/0' }));
  unit.machine.makeAllImages();
  assert.equal(await unit.hook(), 'active: focal, jammy; idle; helpers 1.4.0');
  unit.machine.changes.length = 0;
  return unit;
}

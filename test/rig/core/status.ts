/** The model as `juju status --format json` shows it, as far as anybody here reads it (status-samples of the recordings). */
import { endOf, otherEnd, relationsOf, type Unit, unitsOf, type World } from './world.ts';

export function statusOf(
  world: World,
  machines: ReadonlyMap<string, 'pending' | 'started' | 'down'>,
): unknown {
  return {
    model: { name: world.model.name },
    machines: Object.fromEntries(
      [...machines].map(([id, current]) => [
        id,
        { 'juju-status': { current }, 'dns-name': world.addresses.get(id)?.address },
      ]),
    ),
    applications: Object.fromEntries(
      [...world.applications.values()].map((application) => {
        const units = unitsOf(world, application.name);
        const leader = units.find(({ name }) => name === application.leader);
        const own = application.status.status === 'unknown' ? undefined : application.status;
        const shown = own ?? (leader === undefined ? undefined : shownStatus(leader));
        return [
          application.name,
          {
            'charm-rev': application.revision,
            life: application.life,
            'application-status': {
              current: shown?.status ?? 'waiting',
              message: shown?.message ?? 'waiting for machine',
            },
            version: leader?.workloadVersion ?? '',
            relations: relationsShown(world, application.name),
            units: Object.fromEntries(units.map((unit) => [unit.name, unitShown(world, unit)])),
          },
        ];
      }),
    ),
  };
}

/** A failed hook stands before what the charm said. */
function shownStatus({ agent, status }: Unit): { readonly status: string; readonly message: string } {
  if (agent.step.kind !== 'failed') return status;
  const { event } = agent.step;
  return {
    status: 'error',
    message: `hook failed: "${event.kind === 'action' ? event.action : event.hook}"`,
  };
}

function unitShown(world: World, unit: Unit): unknown {
  const { status, message } = shownStatus(unit);
  const address = world.addresses.get(unit.machine)?.address;
  return {
    'workload-status': { current: status, message },
    'juju-status': agentShown(unit),
    ...(world.applications.get(unit.application)?.leader === unit.name ? { leader: true } : {}),
    machine: unit.machine,
    ...(unit.openedPorts.length === 0 ? {} : { 'open-ports': unit.openedPorts.map(({ port }) => port) }),
    ...(address === undefined ? {} : { 'public-address': address }),
  };
}

function agentShown({ agent }: Unit): { readonly current: string; readonly message?: string } {
  if (agent.state.kind === 'down') return { current: agent.installed ? 'lost' : 'allocating' };
  if (agent.step.kind === 'killed') return { current: 'executing' };
  if (agent.step.kind !== 'running') return { current: 'idle' };
  const { event } = agent.step;
  return {
    current: 'executing',
    message: event.kind === 'action' ? `running action ${event.action}` : `running ${event.hook} hook`,
  };
}

function relationsShown(world: World, application: string): unknown {
  const shown: Record<string, unknown[]> = {};
  for (const relation of relationsOf(world, application)) {
    const own = endOf(relation, application)?.endpoint ?? '';
    shown[own] = [
      ...(shown[own] ?? []),
      { 'related-application': otherEnd(relation, application)?.application },
    ];
  }
  return shown;
}

/** systemd. */
import type { ServiceState, Services } from './machine.ts';
import { mustRun } from './run.ts';

/** What `systemctl show` prints: blocks of NAME=VALUE with an empty line between (systemctl(1)). */
export function parseStates(output: string): ReadonlyMap<string, ServiceState> {
  const states = output.split(/\n\s*\n/).flatMap((block): [string, ServiceState][] => {
    const values = Object.fromEntries(
      block.split('\n').map((line) => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)];
      }),
    );
    const { Id: name, ActiveState = '', MainPID = '0', UnitFileState = '' } = values;
    if (name === undefined || name === '') return [];
    const pid = Number(MainPID);
    return [
      [
        name,
        {
          active: activeOf(ActiveState),
          pid: pid > 0 ? pid : undefined,
          enabled: UnitFileState === 'enabled' ? 'enabled' : 'disabled',
        },
      ],
    ];
  });
  return new Map(states);
}

function activeOf(word: string): ServiceState['active'] {
  switch (word) {
    case 'active':
    case 'reloading':
      return 'active';
    case 'activating':
    case 'deactivating':
      return 'activating';
    case 'failed':
      return 'failed';
    default:
      return 'inactive';
  }
}

const quiet = async (...args: readonly string[]): Promise<void> => {
  await mustRun(['systemctl', '--quiet', ...args]);
};

export const realServices: Services = {
  states: async (names) =>
    parseStates(
      await mustRun(['systemctl', 'show', '--property=Id,ActiveState,MainPID,UnitFileState', '--', ...names]),
    ),
  reload: async () => await quiet('daemon-reload'),
  enable: async (name) => await quiet('enable', '--', name),
  disable: async (name) => await quiet('disable', '--', name),
  restart: async (name) => await quiet('restart', '--', name),
  stop: async (names) => await quiet('stop', '--', ...names),
};

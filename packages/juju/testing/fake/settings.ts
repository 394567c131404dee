/** Settings, leadership, status, version: config-get, is-leader, status-get, status-set, application-version-set. */
import { atMost, isOn, misuse, quoted, refuse } from './flags.ts';
import { formatFlags, formatted, sorted } from './format.ts';
import type { Hook } from './hook.ts';
import type { FakeTools } from './tool.ts';

const settable = ['maintenance', 'blocked', 'waiting', 'active'];
const notLeader = 'this unit is not the leader';

export const settingsTools: FakeTools = {
  'config-get': {
    flags: { ...formatFlags, '-a': 'switch', '--all': 'switch' },
    run: (hook, args) => {
      const all = isOn(args, '-a') || isOn(args, '--all');
      const [key = ''] = args.rest;
      if (all && key !== '') misuse(`cannot use argument --all together with key ${quoted(key)}`);
      atMost(args.rest, 1);
      const settings = settingsOf(hook);
      if (key !== '') return formatted(args, settings[key]);
      const set = Object.entries(settings).filter(([, value]) => all || value !== null);
      return formatted(args, sorted(Object.fromEntries(set)));
    },
  },
  'is-leader': {
    flags: formatFlags,
    run: (hook, args) => {
      atMost(args.rest, 0);
      return formatted(args, hook.base.leader);
    },
  },
  'status-get': {
    flags: { ...formatFlags, '--include-data': 'switch', '--application': 'switch' },
    run: (hook, args) => {
      atMost(args.rest, 0);
      const shown = ({ status, message }: Hook['now']['status']) =>
        isOn(args, '--include-data') ? { message, status, 'status-data': {} } : { status };
      const brief = !isOn(args, '--include-data') && (args.flags.get('--format') ?? 'smart') === 'smart';
      if (!isOn(args, '--application')) {
        hook.firstStatus ??= hook.now.status;
        return formatted(args, brief ? hook.firstStatus.status : shown(hook.firstStatus));
      }
      if (!hook.base.leader) refuse(`finding application status: ${notLeader}`);
      const others = Object.entries(hook.base.otherUnits).map(
        ([unit, status]) => [unit, shown({ status, message: '' })] as const,
      );
      const units = Object.fromEntries([[hook.base.unit, shown(hook.now.status)], ...others]);
      // An application without a status of its own shows its units'.
      const own = hook.now.applicationStatus;
      const status = own.status === 'unknown' ? hook.now.status : own;
      if (brief) return formatted(args, status.status);
      return formatted(args, { 'application-status': { ...shown(status), units: sorted(units) } });
    },
  },
  'status-set': {
    flags: { '--application': 'switch' },
    run: (hook, args) => {
      const [status, message = ''] = args.rest;
      if (status === undefined) misuse('invalid args, require <status> [message]');
      if (!settable.includes(status)) {
        misuse(`invalid status ${quoted(status)}, expected one of [${settable.join(' ')}]`);
      }
      atMost(args.rest, 2);
      if (!isOn(args, '--application')) {
        hook.now.status = { status, message };
        hook.now.statuses.push(hook.now.status);
      } else if (hook.base.leader) hook.now.applicationStatus = { status, message };
      else refuse(notLeader);
      return '';
    },
  },
  'application-version-set': {
    flags: {},
    run: (hook, { rest }) => {
      const [version] = rest;
      if (version === undefined) misuse('no version specified');
      atMost(rest, 1);
      hook.now.workloadVersion = version;
      return '';
    },
  },
};

/** Every declared setting; null where nothing was set and there is no default. */
function settingsOf({ charm, base }: Hook): Record<string, string | number | boolean | null> {
  const options = Object.entries(charm.options);
  return Object.fromEntries(
    options.map(([name, option]) => [name, base.config[name] ?? option.default ?? null]),
  );
}

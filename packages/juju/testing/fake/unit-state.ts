/** The unit's own state, and its log: state-get, state-set, state-delete, juju-log. */
import { atMost, isOn, misuse, quoted, refuse } from './flags.ts';
import { formatFlags, formatted, sorted } from './format.ts';
import { changesOf } from './key-values.ts';
import type { FakeTools } from './tool.ts';

export const unitStateTools: FakeTools = {
  'state-get': {
    flags: { ...formatFlags, '--strict': 'switch' },
    run: ({ later }, args) => {
      atMost(args.rest, 1);
      const [key = '-'] = args.rest;
      if (key === '-' || key === '') {
        // Nothing at all is `null` in JSON, and `{}` for people.
        const empty = Object.keys(later.stored).length === 0 && args.flags.get('--format') === 'json';
        return formatted(args, empty ? null : sorted(later.stored));
      }
      const value = later.stored[key];
      if (value === undefined && isOn(args, '--strict')) refuse(`${quoted(key)} not found`);
      return formatted(args, value ?? '');
    },
  },
  'state-set': {
    flags: { '--file': 'value' },
    run: (hook, args, stdin) => {
      const changes = changesOf(hook, args, stdin);
      hook.later.stored = { ...hook.later.stored, ...changes() };
      return '';
    },
  },
  'state-delete': {
    flags: {},
    run: ({ later }, { rest }) => {
      atMost(rest, 1);
      const [deleted] = rest;
      later.stored = Object.fromEntries(Object.entries(later.stored).filter(([key]) => key !== deleted));
      return '';
    },
  },
  'juju-log': {
    flags: { '-l': 'value', '--log-level': 'value', '--debug': 'switch', '--format': 'value' },
    run: ({ base, event, now }, args) => {
      if (args.rest.length === 0) misuse('no message specified');
      const level = isOn(args, '--debug')
        ? 'DEBUG'
        : (args.flags.get('-l') ?? args.flags.get('--log-level') ?? 'INFO');
      const relation =
        event.kind === 'relation' ? base.relations.find(({ id }) => id === event.relation) : undefined;
      const prefix = relation === undefined ? '' : `${relation.endpoint}:${relation.id}: `;
      now.log.push({ level: level.toUpperCase(), message: `${prefix}${args.rest.join(' ')}` });
      return '';
    },
  },
};

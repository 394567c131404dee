/** Actions: action-get, action-set, action-fail, action-log. */
import { atMost, misuse, quoted, refuse } from './flags.ts';
import { formatFlags, formatted, sorted } from './format.ts';
import type { Hook, ResultTree } from './hook.ts';
import type { FakeTools } from './tool.ts';

const reserved = ['stdout', 'stdout-encoding', 'stderr', 'stderr-encoding'];

export const actionTools: FakeTools = {
  'action-get': {
    flags: formatFlags,
    run: (hook, args) => {
      atMost(args.rest, 1);
      const parameters = parametersOf(hook);
      const [path] = args.rest;
      if (path === undefined) return formatted(args, sorted(parameters));
      return formatted(args, path.split('.').reduce(step, parameters));
    },
  },
  'action-set': {
    flags: {},
    run: (hook, { rest }) => {
      const results = rest.map((word): [string[], string] => {
        const equals = word.indexOf('=');
        if (equals < 0) misuse(`argument ${quoted(word)} must be of the form key...=value`);
        const path = word.slice(0, equals).split('.');
        path.forEach(checkKey);
        return [path, word.slice(equals + 1)];
      });
      parametersOf(hook);
      for (const [path, value] of results) put(hook.action.results, path, value);
      return '';
    },
  },
  'action-fail': {
    flags: {},
    run: (hook, { rest }) => {
      atMost(rest, 1);
      parametersOf(hook);
      hook.action.outcome = 'failed';
      hook.action.message = rest[0] ?? 'action failed without reason given, check action for errors';
      return '';
    },
  },
  'action-log': {
    flags: {},
    run: (hook, { rest }) => {
      if (rest.length === 0) misuse('no message specified');
      parametersOf(hook);
      hook.now.actionLog.push(rest.join(' '));
      return '';
    },
  },
};

/** With the defaults that the charm declares. */
function parametersOf({ charm, event }: Hook): Record<string, unknown> {
  if (event.kind !== 'action') refuse('not running an action');
  const declared = Object.entries(charm.actions[event.action]?.params ?? {});
  const defaults = declared.filter(([, { default: value }]) => value !== undefined);
  return {
    ...Object.fromEntries(defaults.map(([name, parameter]) => [name, parameter.default])),
    ...event.parameters,
  };
}

function step(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(key);
}

function checkKey(key: string): void {
  if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(key)) {
    misuse(
      `key ${quoted(key)} must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric and hyphens`,
    );
  }
  if (reserved.includes(key)) misuse(`cannot set reserved action key ${quoted(key)}`);
}

/** What is in the way is overwritten: a leaf by a map, a map by a leaf. */
function put(tree: ResultTree, [first = '', ...others]: readonly string[], value: string): void {
  if (others.length === 0) {
    tree[first] = value;
    return;
  }
  const below = tree[first];
  const next = typeof below === 'object' ? below : {};
  tree[first] = next;
  put(next, others, value);
}

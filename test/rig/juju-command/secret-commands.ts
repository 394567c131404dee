/** A user's secrets: add-secret, update-secret, grant-secret, revoke-secret, secrets. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import * as z from 'zod';
import { addUserSecret, grantUserSecret, revokeUserSecret, updateUserSecret } from '../core/user-secrets.ts';
import { type Caller, Failure, pathOf } from './console.ts';
import type { CommandLine } from './flags.ts';
import { goJson, goYaml } from './go-text.ts';
import { type Command, formatOf, formatOptions, noMore } from './session.ts';

const contentOptions = { info: 'value', file: 'value' } as const;

export const addSecret: Command = {
  about: 'the model',
  options: contentOptions,
  async run({ ground: { world } }, line, caller) {
    const [name, ...words] = line.words;
    if (name === undefined) throw new Failure('secret name needs to be supplied as the first argument', 2);
    const content = await contentOf(words, line, caller);
    if (Object.keys(content).length === 0) throw new Failure('missing secret value or filename', 2);
    caller.out(`${addUserSecret(world, name, content)}\n`);
  },
};

export const updateSecret: Command = {
  about: 'the model',
  options: { ...contentOptions, name: { not: 'value' }, 'auto-prune': { not: 'switch' } },
  async run({ ground: { world } }, line, caller) {
    const [name, ...words] = line.words;
    if (name === undefined) throw new Failure('missing secret URI', 2);
    const content = await contentOf(words, line, caller);
    if (Object.keys(content).length === 0)
      throw new Failure('must specify a new value or metadata to update the secret', 2);
    updateUserSecret(world, name, content);
  },
};

const keyPattern = /^[a-z](?:-?[a-z0-9]){2,}$/;
const fileSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** `key=value`, `key#file=path` and `key#base64=...`, and over them those of the file. */
async function contentOf(
  words: readonly string[],
  line: CommandLine,
  caller: Caller,
): Promise<Record<string, string>> {
  const content: Record<string, string> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 1) throw new Failure(`key value "${word}" not valid`, 2);
    const [key, value] = [word.slice(0, equals), word.slice(equals + 1)];
    if (key.endsWith('#file')) {
      const plain = key.slice(0, -'#file'.length);
      content[plain] = await read(pathOf(caller, value), `reading content for secret key "${plain}"`);
    } else content[key] = value;
  }
  const file = line.text('file');
  const given = file === undefined ? {} : parse(await read(pathOf(caller, file), 'reading secret data'));
  for (const [key, value] of Object.entries(fileSchema.parse(given))) content[key] = String(value);
  return Object.fromEntries(Object.entries(content).map(([key, value]) => decoded(key, value)));
}

async function read(path: string, doing: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new Failure(`${doing}: open ${path}: no such file or directory`, 2);
  }
}

function decoded(key: string, value: string): [string, string] {
  const plain = key.replace(/#base64$/, '');
  if (!keyPattern.test(plain)) throw new Failure(`key "${plain}" not valid`, 2);
  return [plain, plain === key ? value : Buffer.from(value, 'base64').toString('utf8')];
}

export const grantSecret: Command = forApplications(grantUserSecret);
export const revokeSecret: Command = forApplications(revokeUserSecret);

/** `NAME APPLICATION[,APPLICATION...]`. */
function forApplications(change: typeof grantUserSecret): Command {
  return {
    about: 'the model',
    options: {},
    run({ ground: { world } }, line) {
      const [name, applications, ...more] = line.words;
      if (name === undefined || applications === undefined) {
        throw new Failure('missing secret URI or application name', 2);
      }
      noMore(more);
      for (const application of applications.split(',')) change(world, name, application);
    },
  };
}

/** Without times, which the rig does not keep: the formats that scripts read, of the secrets that scripts made. */
export const secrets: Command = {
  about: 'the model',
  options: { ...formatOptions, owner: { not: 'value' }, revisions: { not: 'switch' } },
  run({ ground: { world } }, line, caller) {
    noMore(line.words);
    if (line.text('format') === undefined)
      throw new Failure("the rig's juju lists secrets as JSON or YAML: say --format", 2);
    const format = formatOf(line, 'json', ['yaml']);
    const shown = Object.fromEntries(
      [...world.secrets.values()].map(({ id, owner, name, label, rotation, revisions }) => [
        id,
        {
          revision: revisions.at(-1)?.revision ?? 0,
          rotation,
          owner: owner.kind === 'model' ? '<model>' : owner.kind === 'unit' ? owner.unit : owner.application,
          ...(name !== '' && { name }),
          ...(label !== '' && { label }),
        },
      ]),
    );
    caller.out((format === 'json' ? goJson : goYaml)(shown));
  },
};

/** With `--revisions`, as it was recorded (status-samples 16), but for times; who may read it stands only there. */
export const showSecret: Command = {
  about: 'the model',
  options: { ...formatOptions, revisions: 'switch', reveal: { not: 'switch' }, r: { not: 'value' } },
  run({ ground: { world } }, line, caller) {
    const [asked, ...more] = line.words;
    if (asked === undefined) throw new Failure('missing secret URI', 2);
    noMore(more);
    const format = formatOf(line, 'yaml', ['json']);
    const found = [...world.secrets.values()].find(
      ({ id, name }) => name === asked || `secret:${id}` === asked || id === asked,
    );
    if (found === undefined) throw new Failure(`secret "${asked}" not found`);
    const { id, owner, name, rotation, revisions, grants } = found;
    const shown = {
      [id]: {
        revision: revisions.at(-1)?.revision ?? 0,
        rotation,
        owner: owner.kind === 'model' ? '<model>' : owner.kind === 'unit' ? owner.unit : owner.application,
        ...(name !== '' && { name }),
        ...(line.on('revisions') && {
          revisions: revisions.map(({ revision }) => ({ revision, backend: 'internal' })),
          ...(grants.length > 0 && {
            access: grants.map(({ target }) => ({
              target,
              scope: `model-${world.model.uuid}`,
              role: 'view',
            })),
          }),
        }),
      },
    };
    caller.out((format === 'json' ? goJson : goYaml)(shown));
  },
};

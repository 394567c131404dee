/**
 * Every sentence about pipeline files that people read, except the descriptions of keys, which stand beside the keys in
 * `schema.ts`. A mistake has two halves: `found` reads on after "found", `write` after "write".
 */
import type { AddressFlaw } from './address.ts';
import { chain, codePoint, plain, shown } from './show.ts';

export interface Words {
  readonly found: string;
  readonly write: string;
}

/** The values that keys take. They stand in mistakes and follow "write". */
export const expected = {
  file: 'a map with `project`, `repository` and `builders`',
  projectName:
    'a name of letters, digits, `_` and `-` that starts with a letter and has at most 70 characters',
  name: 'a name of letters, digits, `_`, `.` and `-` that starts with a letter and has at most 70 characters',
  stepName: 'a name of 1 to 50 visible characters on one line, not starting with `-`',
  address:
    'an https, ssh, git or file URL, `user@host:path` or an absolute path, such as `https://git.example.org/project`',
  poll: 'a time between `1s` and `1d` with its unit, such as `30s` or `5m`',
  timeout: 'a time between `1s` and `30d` with its unit, such as `90s`, `10m` or `2h`',
  branch:
    'a branch that git accepts, such as `master`: at most 200 characters, not starting with `-`, `.` or `refs/`, without spaces, `..` or any of `~^:?*[\\`',
  images: 'a map from image names to maps with `base`',
  image: 'a map with `base`, such as `{ base: "ubuntu:24.04" }`',
  base: 'an image of an LXD server, such as `"ubuntu:24.04"`, or the name of another image of this file',
  imageName: 'the name of an image, as `images` has it',
  builders: 'a map with at least one builder, from its name to a map with `branch`, `image` and `steps`',
  builder: 'a map with `branch`, `image` and `steps`',
  host: '`true`, or `image` instead',
  steps: 'a list of at least one step, such as `[make check]`',
  step: 'a command line such as `make check`, or a map with `run`',
  run: 'a command line such as `make check`',
  promotions: 'a list of maps with `from` and `to`',
  promotion: 'a map such as `{ from: master, to: stable }`',
  requires: 'a list of at least one builder of `from`, or leave it out to require all of them',
  builderName: 'the name of a builder',
  merges: 'a list of maps with `from` and `into`',
  merge: 'a map such as `{ from: stable, into: db-devel }`',
  schedule:
    '`promotion`, `manual`, or five cron fields (minute, hour, day, month, weekday; UTC) such as `"*/10 * * * *"`',
  testfix: '`true` or `false`',
  notify: 'a map such as `{ mattermost: { channel: builds } }`',
  mattermost: 'a map such as `{ channel: builds }`',
  builds: '`changes` or `all`',
  stuck: 'a time between `1s` and `30d` with its unit, such as `4h`',
  mail: 'a map such as `{ to: [builds@example.org] }`',
  mailTo: 'a list of 1 to 50 addresses, such as `[builds@example.org]`',
  mailAddress: 'a mail address alone, such as `builds@example.org`',
  channel:
    'the name of a channel as its address has it: lower-case letters, digits, `_`, `.` and `-`, at most 64',
} as const;

export const inQuotes = 'it in quotes, so that it is text and not a number or a truth value';

const addressFlaws: Record<AddressFlaw, Words> = {
  blank: { found: 'which has white space or a control character in it', write: 'the address alone' },
  option: { found: 'which git would take for an option', write: expected.address },
  transport: { found: 'which makes git run a helper program', write: expected.address },
  credentials: {
    found: 'which carries a user or a password',
    write:
      'the address without what stands before `@`; passwords and tokens belong into the files of the service that needs them',
  },
  query: {
    found: 'which has `?` or `#` in it',
    write: 'the address without them; tokens belong into the files of the service',
  },
  scheme: { found: 'which has a scheme that is not allowed', write: expected.address },
  host: { found: 'whose user, host or port is not usable', write: expected.address },
  path: { found: 'whose path is not usable', write: expected.address },
  relative: { found: 'which is neither a URL nor an absolute path', write: expected.address },
  long: {
    found: 'which is longer than 512 characters',
    write: 'a shorter address: Buildbot keeps no longer ones',
  },
};

/** `found` here goes on after the quoted address. */
export function badAddress(flaw: AddressFlaw): Words {
  return addressFlaws[flaw];
}

export function missingKey(key: string): string {
  return `no \`${key}\``;
}

export function writeKey(key: string, value: string): string {
  return `\`${key}:\` with ${value}`;
}

export function unknownKey(key: string, nearest: string | undefined, known: readonly string[]): Words {
  if (key === '<<') {
    return { found: 'the merge key `<<`', write: 'the keys out: merge keys are not taken' };
  }
  const keys = known.map((name) => `\`${name}\``).join(', ');
  return {
    found: `the unknown key ${shown(key)}`,
    write: nearest === undefined ? `one of ${keys}` : `\`${nearest}\``,
  };
}

/** Follows "write": the name that was probably meant and what else would do, or only what else would do. */
function near(name: string | undefined, beside: string, otherwise: string): string {
  return name === undefined ? otherwise : `\`${plain(name)}\`, or ${beside}`;
}

/** References between the parts of one file. */
export const references = {
  badName: (name: string, known: string): Words => ({ found: `the name ${shown(name)}`, write: known }),
  unknownImage: (name: string, nearest: string | undefined): Words => ({
    found: `the image ${shown(name)}, which \`images\` does not have`,
    write: near(nearest, 'add it to `images`', 'it into `images`, or name one that is there'),
  }),
  unknownBase: (name: string, nearest: string | undefined): Words => ({
    found: `the base ${shown(name)}, which \`images\` does not have`,
    write: near(
      nearest,
      'an image of an LXD server with its colon, such as `"ubuntu:24.04"`',
      'an image of an LXD server with its colon, such as `"ubuntu:24.04"`, or the name of another image of this file',
    ),
  }),
  imageCycle: (names: readonly string[]): Words => ({
    found: `images that are built on each other: ${chain(names)}`,
    write: 'the image of an LXD server, such as `"ubuntu:24.04"`, as the base of one of them',
  }),
  nowhereToRun: (): Words => ({
    found: 'a builder with neither `image` nor `host`',
    write: '`image:` with an image to build in, or `host: true` to build on the worker itself',
  }),
  twoPlacesToRun: (): Words => ({
    found: '`host` beside `image`',
    write: 'one of them: `image` builds in a container, `host: true` on the worker itself',
  }),
  sameStepName: (name: string): Words => ({
    found: `a second step named ${shown(name)}`,
    write: 'another name, one that no other step of this builder has',
  }),
  unknownBuilder: (name: string, nearest: string | undefined): Words => ({
    found: `the builder ${shown(name)}, which this file does not have`,
    write: near(nearest, 'another builder of `from`', 'the name of a builder of `from`'),
  }),
  builderOfOtherBranch: (name: string, branch: string, from: string): Words => ({
    found: `the builder ${shown(name)}, which builds ${shown(branch)}`,
    write: `a builder of ${shown(from)}: only those test what is promoted`,
  }),
  sameBuilderTwice: (name: string): Words => ({
    found: `the builder ${shown(name)} a second time`,
    write: 'it once',
  }),
  promotionToItself: (branch: string): Words => ({
    found: `a promotion from ${shown(branch)} to itself`,
    write: 'two different branches',
  }),
  mergeIntoItself: (branch: string): Words => ({
    found: `a merge from ${shown(branch)} into itself`,
    write: 'two different branches',
  }),
  promotionOfUnbuilt: (branch: string, nearest: string | undefined): Words => ({
    found: `the branch ${shown(branch)}, which no builder of this file builds`,
    write: near(nearest, 'add a builder for it', 'a branch that is built, or add a builder for it'),
  }),
  mergeOfUntested: (branch: string, nearest: string | undefined): Words => ({
    found: `the branch ${shown(branch)}, which nothing builds or promotes`,
    write: near(
      nearest,
      'add a builder for it',
      'a branch that is built or promoted, or add a builder for it',
    ),
  }),
  mergeIntoUnbuilt: (branch: string, nearest: string | undefined): Words => ({
    found: `the branch ${shown(branch)}, which nothing builds`,
    write: near(
      nearest,
      'add a builder for it: a merge has to be tested too',
      'a branch that is built, or add a builder for it: a merge has to be tested too',
    ),
  }),
  mergeIntoPromoted: (branch: string): Words => ({
    found: `a merge into ${shown(branch)}, which a promotion moves`,
    write: 'a development branch: a promoted branch takes only tested revisions',
  }),
  scheduleWithoutPromotion: (branch: string, given: 'written' | 'default'): Words => ({
    found: `${given === 'written' ? 'the schedule `promotion`' : 'no `schedule`'}, but no promotion to ${shown(branch)}`,
    write: '`schedule: manual`, or five cron fields such as `"*/10 * * * *"`',
  }),
} as const;

/** What several files, or several rules of one, do to each other. */
export const conflicts = {
  project: (name: string, where: string): Words => ({
    found: `the project ${shown(name)} a second time, after ${where}`,
    write: 'another name: Buildbot has one project of a name',
  }),
  builder: (name: string, where: string): Words => ({
    found: `the builder ${shown(name)} a second time, after ${where}`,
    write: 'another name: Buildbot has one builder of a name',
  }),
  buildDirectory: (name: string, other: string, where: string): Words => ({
    found: `the builder ${shown(name)}, which would build in the directory of ${shown(other)} at ${where}`,
    write: 'another name, one that differs in more than `.` and `_`',
  }),
  image: (name: string, where: string): Words => ({
    found: `the image ${shown(name)} with another base or flavor than at ${where}`,
    write: 'the same as there, or another name: workers have one image of a name',
  }),
  promotionTwice: (from: string, to: string, where: string): Words => ({
    found: `the promotion from ${shown(from)} to ${shown(to)} a second time, after ${where}`,
    write: 'it once',
  }),
  twoPromotions: (to: string, where: string): Words => ({
    found: `a second promotion to ${shown(to)}, after ${where}`,
    write: 'another branch: two promotions would undo each other',
  }),
  mergeTwice: (from: string, into: string, where: string): Words => ({
    found: `the merge from ${shown(from)} into ${shown(into)} a second time, after ${where}`,
    write: 'it once',
  }),
  cycle: (branches: readonly string[]): Words => ({
    found: `a circle of automatic moves: ${chain(branches)}`,
    write: '`schedule: manual` at one of its merges, or leave one of the moves out',
  }),
} as const;

/** What is wrong with a file before anything of a pipeline can be seen in it. */
export const files = {
  missing: (): Words => ({ found: 'no such file or directory', write: 'the path of a pipeline file' }),
  notAFile: (): Words => ({
    found: 'something that is not a file',
    write: 'the path of a file or a directory',
  }),
  unreadable: (code: string): Words => ({
    found: `a file that cannot be read (${code})`,
    write: 'the path of a file that this user may read',
  }),
  emptyDirectory: (): Words => ({
    found: 'a directory without `*.yaml` or `*.yml`',
    write: 'a pipeline file into it',
  }),
  tooMany: (): Words => ({
    found: 'a directory with more than 1,000 pipeline files',
    write: 'fewer, one for each project',
  }),
  notUtf8: (): Words => ({ found: 'bytes that are not UTF-8', write: 'the file as UTF-8 text' }),
  tooLarge: (): Words => ({
    found: 'more than 1 MB in all pipeline files together',
    write: 'less: a whole project takes a few kilobytes',
  }),
  tooManyTokens: (): Words => ({
    found: 'more than 100,000 words and signs in all pipeline files together',
    write: 'fewer keys and values',
  }),
  tooDeep: (limit: number): Words => ({
    found: `more than ${limit} maps and lists inside each other`,
    write: 'a pipeline as the documentation shows it: it needs five',
  }),
  control: (character: string): Words => ({
    found: `the invisible character ${codePoint(character)}`,
    write: character === '\r' ? 'lines that end in LF or CRLF' : 'the text without it',
  }),
  empty: (): Words => ({ found: 'an empty file', write: expected.file }),
  manyMore: (): Words => ({
    found: 'more mistakes of this kind from here on',
    write: 'the ones before it right first',
  }),
} as const;

/** YAML itself. `detail` is what the parser says. */
export const yaml = {
  duplicateKey: (key: string, line: number): Words => ({
    found: `the key ${shown(key)} a second time, after line ${line}`,
    write: 'it once',
  }),
  secondDocument: (): Words => ({
    found: 'a second YAML document',
    write: 'one project a file, without `---` between',
  }),
  tag: (tag: string): Words => ({ found: `the tag ${shown(tag)}`, write: 'the value without a tag' }),
  directive: (): Words => ({
    found: 'a YAML directive',
    write: 'the file without lines that start with `%`',
  }),
  unknownAlias: (name: string): Words => ({
    found: `the alias ${shown(`*${name}`)} of nothing`,
    write: `the value out, or \`&${plain(name)}\` before an earlier value`,
  }),
  aliasOfItself: (name: string): Words => ({
    found: `the alias ${shown(`*${name}`)} inside its own value`,
    write: 'the value out',
  }),
  aliasesExplode: (name: string): Words => ({
    found: `the alias ${shown(`*${name}`)}, with which the file's values grow beyond all measure`,
    write: 'the values out, or fewer aliases of aliases',
  }),
  protoKey: (): Words => ({ found: 'the key `__proto__`', write: 'another key' }),
  syntax: (code: string, detail: string): Words => ({
    found: syntaxFound(code, detail),
    write: syntaxWrites[code] ?? correctYaml,
  }),
} as const;

const correctYaml = 'correct YAML';
const syntaxWrites: Record<string, string> = {
  TAB_AS_INDENT: 'spaces for the indentation',
  BAD_INDENT:
    'the lines of one map or list at the same indentation, or the closing bracket that is missing before',
  BAD_SCALAR_START: 'the value in quotes',
  BAD_DQ_ESCAPE: '`\\\\` for a backslash, or single quotes around the value',
  MISSING_CHAR: 'what is missing',
  NON_STRING_KEY: 'a name as the key',
  BLOCK_AS_IMPLICIT_KEY: 'the value in quotes, or the inner map on lines of its own',
  MULTILINE_IMPLICIT_KEY: 'a colon and a space after the key, on the same line',
  KEY_OVER_1024_CHARS: 'a shorter key',
  BLOCK_IN_FLOW: 'a comma between the entries inside brackets',
  BAD_ALIAS: 'the value in quotes, or the name of an anchor',
  UNEXPECTED_TOKEN: 'the value in quotes, if all of it is one text',
};

const syntaxFinds: Record<string, string> = {
  TAB_AS_INDENT: 'a tab in the indentation',
  NON_STRING_KEY: 'a key that is not a name',
};

function syntaxFound(code: string, detail: string): string {
  return syntaxFinds[code] ?? `a mistake in the YAML (${plain(detail, 160)})`;
}

/** What the command says. */
export const command = {
  about: 'Checks pipeline files, and turns them into what Buildbot loads.',
  files: 'pipeline files, or directories with *.yaml and *.yml; all of them together are one configuration',
  check: 'tell all mistakes, or what the files say',
  compile: "print the JSON that Buildbot's master.cfg loads",
  schema: 'print the JSON Schema for editors',
  format: 'print one file in its canonical form, without comments',
  exits:
    '\nExit status: 0 when all is right, 1 when a file has mistakes, 2 when the command is used wrongly.',
  mistakes: (count: number): string => (count === 1 ? '1 mistake' : `${count.toLocaleString('en')} mistakes`),
} as const;

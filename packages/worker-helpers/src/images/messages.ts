/**
 * Every sentence about images that people read. A mistake in a recipe has two halves: `found` reads on after "found",
 * `write` after "write".
 */
import type { OwnImage } from './model.ts';
import type { Why } from './plan-builds.ts';
import { count, moment, short, size, span } from './words.ts';

export interface Words {
  readonly found: string;
  readonly write: string;
}

/** The values that keys of a recipe file take. They stand in mistakes and follow "write". */
export const expected = {
  file: 'a map with `images`, `flavors` or `remotes`',
  images: 'a map from image names to maps with `base`',
  image: 'a map with `base`, such as `{ base: "ubuntu:24.04" }`',
  flavors: 'a map from flavor names to what they add',
  flavor: 'a map with `packages`, `sources`, `files`, `commands`, `environment` or `smoke`',
  remotes: 'a map from names to addresses, such as `{ site: "https://images.example.org" }`',
  remote: 'the https address of a simplestreams server',
  name: 'a name of letters, digits, `_`, `.` and `-` that starts with a letter and has at most 70 characters',
  base: 'an image of an LXD remote such as `"ubuntu:24.04"`, the name of another image, or a map with `alias`, `rootfs` or `archive`',
  alias: 'the alias of an image in LXD, without a remote',
  rootfs: 'the path of a root file system, a `.tar`, `.tar.*` or `.squashfs`',
  archive: 'the name of a suite such as `bookworm`, or a map with `suite`',
  suite: 'the name of a suite such as `bookworm`',
  suites: 'a list of suites such as `[noble, noble-updates]`',
  component: 'the name of a component such as `main`',
  components: 'a list of components such as `[main, universe]`',
  pocket: 'what follows the name of the suite, such as `updates`',
  pockets: 'a list such as `[updates, security]`',
  url: 'the address of an archive, such as `http://archive.ubuntu.com/ubuntu`',
  variant: '`minbase`, `buildd` or `standard`',
  architecture: 'an architecture as Debian names it, such as `amd64`',
  description: 'a line about the image',
  truth: '`true` or `false`',
  maxAge: 'a time of at least a minute with its unit, such as `12h`, `7d` or `4w`',
  keep: 'a whole number from 1 to 99',
  packages: 'a list of packages such as `[git, make]`',
  package: 'the name of a package such as `git`, `git=1:2.39.5-0+deb12u2` or `git/bookworm-backports`',
  sources: 'a map from names to maps with `url`',
  aptSource: 'a map with `url`, such as `{ url: "https://apt.example.org", key-file: example.asc }`',
  sourceName: 'a name of lower-case letters, digits, `_` and `-`, since a file is named after it',
  key: 'the key as text that begins with `-----BEGIN PGP PUBLIC KEY BLOCK-----`, or `key-file` instead',
  keyFile: 'the path of a file with the key',
  files: 'a list of maps with `path`',
  placedFile: 'a map with `path` and `content` or `source`',
  path: 'an absolute path of a file, such as `/etc/example.conf`',
  content: 'the content as text, such as `|` and indented lines after it',
  source: 'the path of the file to copy',
  mode: 'the mode in octal and in quotes, such as `"0644"`',
  owner: 'a user, or a user and a group, such as `"root:adm"`',
  commands: 'a list of command lines',
  smoke: 'a list of command lines that succeed in a good image',
  command: 'a command line such as `locale-gen en_US.UTF-8`',
  environment: 'a map from names to texts, such as `{ LANG: C.UTF-8 }`',
  variable: 'its value in quotes',
  variableName: 'a name of letters, digits and `_` that does not start with a digit',
} as const;

export const inQuotes = 'it in quotes, so that it is text and not a number or a truth value';

export function missingKey(key: string): string {
  return `no \`${key}\``;
}

export function writeKey(key: string, value: string): string {
  return `\`${key}:\` with ${value}`;
}

export function unknownKey(key: string, nearest: string | undefined, known: readonly string[]): Words {
  const keys = known.map((name) => `\`${name}\``).join(', ');
  return {
    found: `the unknown key ${shown(key)}`,
    write: nearest === undefined ? `one of ${keys}` : `\`${nearest}\``,
  };
}

/** Recipes: what is wrong beyond the shape of one value. */
export const recipeWords = {
  syntax: (code: string, detail: string): Words => ({
    found:
      code === 'TAB_AS_INDENT' ? 'a tab in the indentation' : `a mistake in the YAML (${oneLine(detail)})`,
    write: code === 'TAB_AS_INDENT' ? 'spaces for the indentation' : 'correct YAML',
  }),
  unreadable: (why: string): Words => ({
    found: `a file that cannot be read (${why})`,
    write: 'it so that root can read it',
  }),
  badName: (name: string, write: string): Words => ({ found: `the name ${shown(name)}`, write }),
  secondImage: (name: string, where: string): Words => ({
    found: `the image ${shown(name)} a second time, after ${where}`,
    write: 'another name: there is one image of a name',
  }),
  secondFlavor: (name: string, where: string): Words => ({
    found: `the flavor ${shown(name)} a second time, after ${where}`,
    write: 'another name, or only one of the two',
  }),
  secondRemote: (name: string, where: string): Words => ({
    found: `the remote ${shown(name)} with another address than at ${where}`,
    write: 'another name, or the same address',
  }),
  unknownBase: (name: string, nearest: string | undefined): Words => ({
    found: `the base ${shown(name)}, which no recipe is for`,
    write: near(nearest, 'an image of an LXD remote with its colon, such as `"ubuntu:24.04"`'),
  }),
  unknownFlavor: (name: string, nearest: string | undefined): Words => ({
    found: `the flavor ${shown(name)}, which \`flavors\` does not have`,
    write: near(nearest, 'one that is there, or add it to `flavors`'),
  }),
  unknownRemote: (name: string, nearest: string | undefined): Words => ({
    found: `the remote ${shown(name)}, which is not known`,
    write: near(nearest, 'one that is known, or add its address to `remotes`'),
  }),
  cycle: (names: readonly string[]): Words => ({
    found: `images that are built on each other: ${names.join(' -> ')}`,
    write: 'a base that is none of them, such as `"ubuntu:24.04"`',
  }),
  oneBase: (count: number): Words => ({
    found:
      count === 0
        ? 'none of `alias`, `rootfs` and `archive`'
        : 'more than one of `alias`, `rootfs` and `archive`',
    write: 'one of them',
  }),
  contentOrSource: (count: number): Words => ({
    found: count === 0 ? 'a file without `content` and `source`' : 'a file with both `content` and `source`',
    write: 'one of them',
  }),
  twoKeys: (): Words => ({ found: '`key-file` beside `key`', write: 'one of them' }),
  needsMirror: (key: string): Words => ({
    found: `\`${key}\` without \`mirror\``,
    write: '`mirror:` too, or leave it out: the apt sources of this machine say it',
  }),
  missingFile: (path: string, why: string): Words => ({
    found: `the file ${shown(path)}, which cannot be read (${why})`,
    write: 'the path of a file that is there, absolute or relative to this file',
  }),
} as const;

function near(name: string | undefined, otherwise: string): string {
  return name === undefined ? otherwise : `\`${name}\`, or ${otherwise}`;
}

/** A piece of a file in quotes: short, and without anything that a terminal would obey. */
export function shown(text: string): string {
  const short = text.length > 70 ? `${text.slice(0, 60)}...` : text;
  return JSON.stringify(short).replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 160);
}

/** What is done, and what went wrong. Titles of steps are also what "failed" follows. */
export const makingWords = {
  starting: 'starting a container',
  booting: 'waiting until it is up',
  quieting: 'turning background services off',
  network: 'setting up the network',
  lookingForApt: 'looking for apt',
  upgrading: 'bringing its packages up to date',
  aptUpdate: 'apt-get update',
  tidying: 'tidying up',
  publishing: 'publishing',
  trying: 'trying it in a fresh container',
  downloading: (written: string) => `downloading ${written}, unless it is here already`,
  importing: (path: string) => `importing ${path}`,
  bootstrapping: ({ suite, variant }: { suite: string; variant: string }) =>
    `${suite} from the archive (${variant})`,
  packages: (packages: readonly string[]) =>
    packages.length > 4
      ? `installing ${packages.slice(0, 3).join(', ')} and ${packages.length - 3} more`
      : `installing ${packages.join(', ')}`,
  file: (path: string) => `writing ${path}`,
  aptSource: (name: string, url: string) => `apt source ${name} (${url})`,
  environment: (names: readonly string[]) => `environment: ${names.join(', ')}`,
  command: (command: string) => `running ${shown(command.trim())}`,
  smoke: (command: string) => `smoke test ${shown(command.trim())}`,

  failed: (title: string, code: number) => `${title} failed with exit code ${code}`,
  tookTooLong: (title: string, seconds: number) => `${title} did not end within ${seconds / 3600} h`,
  notBooted: (state: string, failed: readonly string[]) =>
    `its systemd is ${state}${failed.length === 0 ? '' : `; these units failed: ${failed.join(', ')}`}`,
  noAddress: (seconds: number) =>
    `it got no address within ${seconds} s; see that LXD's network gives addresses (lxc network list) and that no firewall stops DHCP`,
  degraded: (units: readonly string[]) => `these units do not start in it: ${units.join(', ')}`,
  noBase: (
    base:
      | { readonly kind: 'image'; readonly name: string }
      | { readonly kind: 'alias'; readonly alias: string },
  ) =>
    base.kind === 'image'
      ? `its base ${base.name} is not there; make that first`
      : `LXD has no image with the alias ${base.alias}; see "lxc image list"`,
  noSuchSuite: (suite: string) =>
    `the apt sources of this machine do not have ${suite}; write "mirror:" into the recipe, with where it is`,
  noMmdebstrap: 'mmdebstrap is not installed; install it with "apt install mmdebstrap"',
} as const;

const whyWords: Readonly<Record<Why, string>> = {
  'never made': 'there is none yet',
  forced: 'as asked for',
  'recipe changed': 'its recipe changed',
  'base changed': 'what it stands on changed',
  'too old': 'it has become old',
};

/** What the commands say of their work: whole sentences, or lines that begin with the name of the image. */
export const commandWords = {
  needsRoot: 'making and deleting images needs root: run this with sudo.',
  recipesWrong: (mistakes: string) => `the recipes cannot be used, and nothing was done:\n${mistakes}`,
  noRecipes: (directory: string) => `There are no recipes in ${directory}, so there is nothing to do.`,
  nothingNamed: 'name images, or give --all.',
  namesBesideAll: 'give either names or --all.',
  noSuchImage: (name: string, nearest: string | undefined, directory: string) =>
    `there is no recipe for ${shown(name)} in ${directory}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
  fresh: (name: string, image: OwnImage, now: number) =>
    `${name}: nothing to do; its recipe is unchanged and it was made ${span(now - image.madeAt)} ago.`,
  waiting: (name: string, holder: { readonly pid: number; readonly since: number } | undefined) =>
    holder === undefined
      ? `${name}: another run makes it; waiting for that.`
      : `${name}: another run (process ${holder.pid}, since ${moment(holder.since)}) makes it; waiting for that.`,
  madeMeanwhile: (name: string) => `${name}: nothing left to do; the other run has made it.`,
  making: (name: string, why: Why) => `${name}: making it: ${whyWords[why]}.`,
  step: (name: string, words: string, elapsed: number) => `${name}: [${clock(elapsed)}] ${words}`,
  odd: (name: string, words: string) => `${name}: ${words}.`,
  made: (
    name: string,
    made: { readonly fingerprint: string; readonly size: number },
    elapsed: number,
    before: OwnImage | undefined,
  ) =>
    `${name}: ready after ${span(elapsed)}: ${short(made.fingerprint)}, ${size(made.size)}${before === undefined ? '' : ` (before: ${short(before.fingerprint)})`}.`,
  notMade: (
    name: string,
    why: string,
    log: { readonly file: string; lastLines(count: number): string[] },
    before: OwnImage | undefined,
  ) =>
    [
      `${name}: not made: ${why}.`,
      before === undefined
        ? '  There is no image of this name.'
        : `  The image of ${moment(before.madeAt)} (${short(before.fingerprint)}) stays in use.`,
      ...log.lastLines(6).map((line) => `  | ${line.slice(0, 200)}`),
      `  The whole log: ${log.file}`,
    ].join('\n'),
  diskFull: (detail: string) =>
    `${detail}; the disk is full: lpbuildbot-prune-images and lpbuildbot-clean-containers free some, lpbuildbot-doctor shows how much there is`,
  baseFailed: (name: string, base: string) => `${name}: not made, since its base ${base} could not be made.`,
  interrupted: (signal: string) => `ended by ${signal}; no image was replaced after that.`,
  leftContainer: (name: string) => `Deleting the container ${name}, which a run that was killed left behind.`,
  leftImage: (fingerprint: string) =>
    `Deleting the image ${short(fingerprint)}, which a run that was killed left behind.`,
} as const;

/** Minutes and seconds. */
function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

export const listWords = {
  titles: ['NAME', 'STATE', 'FINGERPRINT', 'MADE', 'AGE', 'SIZE', 'RECIPE', 'USED BY', 'PREPARED'],
  recipesWrong: (mistakes: string) =>
    `the recipes cannot be used, so it is not known which images are up to date:\n${mistakes}`,
  nothing: (directory: string) => `There are no images, and no recipes in ${directory}.`,
  noMetricsDirectory: (path: string) =>
    `${path} is not written: its directory is not there, so nobody reads it.`,
  metricsUnwritable: (path: string, why: string) => `${path} cannot be written: ${why}.`,
} as const;

export const pruneWords = {
  image: (image: OwnImage, why: 'older ones' | 'left over', how: 'delete' | 'only say') =>
    `${how === 'delete' ? 'Deleting' : 'Would delete'} ${image.name} ${short(image.fingerprint)} of ${moment(image.madeAt)}, ${size(image.size)}${why === 'left over' ? ', which a run that was killed left behind' : ''}.`,
  passing: (fingerprint: string, how: 'delete' | 'only say') =>
    `${how === 'delete' ? 'Deleting' : 'Would delete'} the image ${short(fingerprint)}, which a run that was killed left behind.`,
  sum: (images: number, bytes: number, how: 'delete' | 'only say') =>
    images === 0
      ? 'No image to delete.'
      : `${how === 'delete' ? 'Freed' : 'Would free'} ${size(bytes)} of ${count(images, 'image')}.`,
} as const;

/** What a layer of a recipe means, as scripts in their order: environment, files, apt sources, packages, commands. Pure. */
import type { Script } from './guest.ts';
import { aptInstall, aptUpdate, quoted } from './guest-scripts.ts';
import { makingWords } from './messages.ts';
import type { AptSource, Layer, PlacedFile } from './recipes/model.ts';

/** Files come before packages, as configuration of apt itself has to; a command can do what must come later. */
export function layerSteps(layer: Layer): Script[] {
  const { environment, files, sources, packages, commands } = layer;
  return [
    ...(Object.keys(environment).length === 0 ? [] : [environmentStep(environment)]),
    ...files.map(fileStep),
    ...sources.flatMap(sourceSteps),
    ...(sources.length + packages.length === 0 ? [] : [{ title: makingWords.aptUpdate, script: aptUpdate }]),
    ...(packages.length === 0
      ? []
      : [
          {
            title: makingWords.packages(packages),
            script: `${aptInstall} -- ${packages.map(quoted).join(' ')} </dev/null`,
          },
        ]),
    ...commands.map((command) => ({
      title: makingWords.command(command),
      script: `cd /root\nexec /bin/sh -euc ${quoted(command)} </dev/null`,
    })),
  ];
}

/** For those who log in; builds get it from LXD's properties of the image. The format is pam_env(8)'s. */
function environmentStep(environment: Readonly<Record<string, string>>): Script {
  const names = Object.keys(environment);
  const lines = Object.entries(environment).map(([name, value]) => `${name}="${value}"\n`);
  return {
    title: makingWords.environment(names),
    script: `touch /etc/environment
sed -i -E '/^(${names.join('|')})=/d' /etc/environment
cat >> /etc/environment`,
    input: Buffer.from(lines.join('')),
  };
}

function fileStep({ path, mode, owner, content }: PlacedFile): Script {
  // In place at once, and with programs that every image has.
  return {
    title: makingWords.file(path),
    script: `path=${quoted(path)}
if [ -d "$path" ]; then echo "$path is a directory"; exit 1; fi
mkdir -p "$(dirname "$path")"
new=$(mktemp "$path.XXXXXX")
cat > "$new"
chown ${quoted(owner)} "$new"
chmod ${mode} "$new"
mv -f "$new" "$path"`,
    input: content,
  };
}

function sourceSteps({ name, url, suites, components, key }: AptSource): Script[] {
  const keyFile = `/etc/apt/keyrings/${name}.${key?.extension ?? 'asc'}`;
  const flat = suites.some((suite) => suite.endsWith('/'));
  const keySteps =
    key === undefined
      ? []
      : [fileStep({ path: keyFile, mode: '0644', owner: 'root:root', content: key.content })];
  const lines = [
    'Types: deb',
    `URIs: ${url}`,
    `Suites: ${suites.length === 0 ? '$VERSION_CODENAME' : suites.join(' ')}`,
    ...(flat ? [] : [`Components: ${components.join(' ')}`]),
    ...(key === undefined ? [] : [`Signed-By: ${keyFile}`]),
  ];
  const words = lines.map((line) =>
    line.endsWith('$VERSION_CODENAME') ? '"Suites: $VERSION_CODENAME"' : quoted(line),
  );
  return [
    ...keySteps,
    {
      title: makingWords.aptSource(name, url),
      script: `. /etc/os-release
mkdir -p /etc/apt/sources.list.d
printf '%s\\n' ${words.join(' ')} > /etc/apt/sources.list.d/${name}.sources`,
    },
  ];
}

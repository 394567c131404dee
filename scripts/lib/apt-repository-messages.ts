/** What making an apt repository says to people. */
export const repositoryMessages = {
  usage: `Usage: npm run apt-repo -- DIRECTORY --key KEY [OPTION...] [FILE.deb...]

Puts packages (dist/*.deb unless others are named) into a signed apt repository, which any web server can serve.

  --key KEY              the key that signs it, in GnuPG's keyring: a fingerprint, or a user id
  --key-file FILE        the same from a file with the secret key (gpg --export-secret-keys)
  --url URL              where workers will find the directory, for the lines that are printed
  --help                 show this
`,
  differs: (name: string): string =>
    `${name} is in the repository already, with other contents: workers that have it would never get this one. Raise the version in debian/changelog.`,
  empty: 'there is no package to publish: run npm run pack first, or name the files.',
  noKey: (key: string): string => `GnuPG has no key ${key}: gpg --list-secret-keys shows those it has.`,
  badKeyFile: (file: string, output: string): string =>
    `${file} holds no secret key that GnuPG takes: ${output.trim()}`,
  failed: (what: string, output: string): string => `${what} failed: ${output.trim()}`,
  published: (added: readonly string[]): string =>
    added.length === 0 ? 'signed anew; no new package' : `added ${added.join(', ')}`,
  unchanged: 'nothing to do: all of it is in the repository already.',
  onWorkers: (url: string, keyring: string, source: string): string => `
On a worker, once:

  curl -fsSo /usr/share/keyrings/${keyring} ${url}/${keyring}
  cat > /etc/apt/sources.list.d/lpbuildbot.sources <<'END'
${source}END
  apt-get update && apt-get install lpbuildbot-worker

From then on, apt-get upgrade brings new versions.`,
};

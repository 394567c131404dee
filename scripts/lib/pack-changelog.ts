/** debian/changelog: which version the package has and when it was made, and how a test gets one of another version. */

export interface Release {
  readonly version: string;
  /** The day, `2026-11-23`. */
  readonly date: string;
}

/** The newest entry (deb-changelog(5)); undefined when the text does not begin with one. */
export function newestRelease(changelog: string): Release | undefined {
  const [, version, stamp = ''] = /^\S+ \((\S+)\) [^\n]*\n[\s\S]*?\n -- .*? {2}(.*)\n/.exec(changelog) ?? [];
  const time = Date.parse(stamp);
  if (version === undefined || Number.isNaN(time)) return undefined;
  return { version, date: new Date(time).toISOString().slice(0, 10) };
}

/** The changelog with one more release on top, made when the newest one was: the same input gives the same bytes. */
export function withRelease(changelog: string, version: string): string {
  const [head = ''] = changelog.split('\n', 1);
  const [trailer = ''] = /^ -- .*$/m.exec(changelog) ?? [];
  return `${head.replace(/\(\S+\)/, `(${version})`)}\n\n  * Packed from a working tree.\n\n${trailer}\n\n${changelog}`;
}

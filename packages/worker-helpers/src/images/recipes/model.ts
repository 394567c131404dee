/** What accepted recipes mean, with defaults filled in and references resolved. The rest works on this, never on the files. */

export interface Recipe {
  readonly name: string;
  /** The file it is in, for messages. */
  readonly file: string;
  readonly description: string | undefined;
  readonly base: Base;
  /** What is added to the base, in order: a flavor's, then the image's own. */
  readonly layers: readonly Layer[];
  /** Whether packages of the base are brought up to date. */
  readonly upgrade: boolean;
  /** How old the image may get before it is made anew, in seconds. */
  readonly maxAgeSeconds: number;
  /** How many finished images of this name stay, the current one included. */
  readonly keep: number;
}

export type Base =
  /** Another image of the recipes. */
  | { readonly kind: 'image'; readonly name: string }
  /** An image of a simplestreams server. */
  | { readonly kind: 'remote'; readonly server: string; readonly alias: string; readonly written: string }
  /** An image that is in LXD already. */
  | { readonly kind: 'alias'; readonly alias: string }
  /** A root file system as tar.* or squashfs; an absolute path. */
  | { readonly kind: 'rootfs'; readonly path: string }
  | ({ readonly kind: 'archive' } & Archive);

/** What mmdebstrap makes. */
export interface Archive {
  readonly suite: string;
  /** The mirror to take instead of the host's apt sources. */
  readonly mirror: string | undefined;
  readonly components: readonly string[] | undefined;
  /** With a mirror: further suites by what follows the suite's name, such as `updates`. */
  readonly pockets: readonly string[];
  /** With a mirror: the keys that may sign it; an absolute path. */
  readonly keyring: KeyFile | undefined;
  readonly variant: 'minbase' | 'buildd' | 'standard';
  /** As Debian names it, such as `amd64`; the host's own without it. */
  readonly architecture: string | undefined;
}

export interface Layer {
  readonly environment: Readonly<Record<string, string>>;
  readonly files: readonly PlacedFile[];
  readonly sources: readonly AptSource[];
  readonly packages: readonly string[];
  readonly commands: readonly string[];
  readonly smoke: readonly string[];
}

export interface PlacedFile {
  readonly path: string;
  /** Four octal digits. */
  readonly mode: string;
  /** `user:group`, names or numbers. */
  readonly owner: string;
  readonly content: Uint8Array;
}

export interface AptSource {
  readonly name: string;
  readonly url: string;
  /** The codename of the image's own release when empty. */
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly key: KeyFile | undefined;
}

/** A key for apt: its content, and how apt wants a file of it to end. */
export interface KeyFile {
  readonly content: Uint8Array;
  readonly extension: 'asc' | 'gpg';
}

export const defaults = { maxAgeSeconds: 7 * 86_400, keep: 2 } as const;

/** What making images needs of LXD, as few words as will do, so that the steps can be told from the daemon's interface. */

/** What a container is made from. */
export type Origin =
  | { readonly kind: 'local'; readonly fingerprint: string }
  /** By simplestreams. */
  | { readonly kind: 'remote'; readonly server: string; readonly alias: string };

export interface Order {
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
  /** For the script's standard input. */
  readonly input?: Uint8Array;
  /** Gets what the script says, standard error included. */
  readonly write: (text: string) => void;
  readonly limitSeconds: number;
  readonly signal: AbortSignal;
}

export type ScriptEnd = { readonly kind: 'exit'; readonly code: number } | { readonly kind: 'timeout' };

export interface StoredImage {
  readonly fingerprint: string;
  /** In bytes. */
  readonly size: number;
}

export interface Store {
  importImage(metadata: string, rootfs: string, properties: Properties): Promise<StoredImage>;
  /** Makes and starts a container that says whose it is. Only a download is broken off by the signal. */
  launch(name: string, origin: Origin, signal: AbortSignal): Promise<void>;
  /** Runs a script with the container's own /bin/sh, as root. */
  run(name: string, order: Order): Promise<ScriptEnd>;
  /** The first address on its network that others can reach it by. */
  addressOf(name: string): Promise<string | undefined>;
  /** In an orderly way, and by force when that takes too long. */
  stop(name: string): Promise<void>;
  /** An image of a stopped container. */
  publish(name: string, properties: Properties): Promise<StoredImage>;
  setProperties(fingerprint: string, properties: Properties): Promise<void>;
  /** In one step: whoever looks finds the old image or the new one. */
  pointAlias(alias: string, fingerprint: string): Promise<void>;
  /** These two do not mind when there is nothing to delete. */
  deleteImage(fingerprint: string): Promise<void>;
  deleteContainer(name: string): Promise<void>;
}

export type Properties = Readonly<Record<string, string>>;

/**
 * The machine, as far as the charm touches it: the one seam between what is decided and what happens. Tests put a fake with a
 * state of its own in its place. Everything may be repeated, after any interruption.
 */
import type { ConfigureOutcome, MasterConfiguration, VenvOutcome } from '@lpbuildbot/buildbot';

export interface Machine {
  readonly now: () => Date;
  /** 43 characters of chance, for passwords. */
  readonly token: () => string;
  readonly files: Files;
  readonly packages: Packages;
  readonly accounts: Accounts;
  readonly services: Services;
  readonly authority: Authority;
  readonly git: ConfigGit;
  readonly buildbot: Buildbot;
  readonly promotion: PromotionCommand;
  readonly http: Http;
  readonly archive: Archive;
  readonly hashPassword: (password: string) => Promise<string>;
}

export type Change = 'changed' | 'same';

export interface FileContent {
  readonly content: string;
  /** Such as 0o600. */
  readonly mode: number;
  /** A user whose own file it is; root's without. */
  readonly owner?: string;
}

export interface Files {
  readonly read: (path: string) => Promise<string | undefined>;
  /** Names of what lies in a directory, sorted; none when it is not there. */
  readonly list: (path: string) => Promise<readonly string[]>;
  /** Replaces it in one step, when it is not so already. */
  readonly write: (path: string, file: FileContent) => Promise<Change>;
  /** A directory and its parents; what is in it becomes the owner's when it was somebody else's. */
  readonly directory: (path: string, mode: number, owner?: string) => Promise<Change>;
  /** With everything in it. */
  readonly remove: (path: string) => Promise<Change>;
  /** What tells two versions of a file apart without reading it: its size, time and inode. Empty when it is not there. */
  readonly stamp: (path: string) => Promise<string>;
  /** What a user without privileges may still write there, in bytes; undefined when it is not there. */
  readonly space: (path: string) => Promise<number | undefined>;
  /** SHA-256 in hexadecimal. */
  readonly digest: (path: string) => Promise<string>;
  /** The copy is there whole or not at all, and executable. */
  readonly copyProgram: (from: string, to: string) => Promise<Change>;
}

export interface Packages {
  /** Installs what is missing. A lock that another process holds is waited for, however long. */
  readonly ensure: (
    names: readonly string[],
    onProgress: (sentence: string) => Promise<void>,
  ) => Promise<Change>;
}

export interface Accounts {
  /** A system user with a group of its own name, no password and no shell. */
  readonly ensure: (name: string, home: string) => Promise<Change>;
  readonly remove: (name: string) => Promise<Change>;
}

export interface ServiceState {
  readonly active: 'active' | 'activating' | 'inactive' | 'failed';
  /** Of a running one. */
  readonly pid: number | undefined;
  readonly enabled: 'enabled' | 'disabled';
}

export interface Services {
  /** All in one question. */
  readonly states: (names: readonly string[]) => Promise<ReadonlyMap<string, ServiceState>>;
  /** After unit files have changed. */
  readonly reload: () => Promise<void>;
  readonly enable: (name: string) => Promise<void>;
  readonly disable: (name: string) => Promise<void>;
  /** Ends a running one before; also makes a timer begin anew. */
  readonly restart: (name: string) => Promise<void>;
  readonly stop: (names: readonly string[]) => Promise<void>;
}

/** A private key and a certificate, both as PEM. */
export interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

export interface CertificateFacts {
  readonly expires: Date;
  /** Whether it is for this host name or IP address. */
  readonly isFor: (address: string) => boolean;
  readonly isSignedBy: (authority: string) => boolean;
}

export interface Authority {
  readonly create: (name: string) => Promise<KeyPair>;
  /** A certificate of a server. */
  readonly issue: (authority: KeyPair, address: string, days: number) => Promise<KeyPair>;
  /** undefined for what is no certificate. */
  readonly describe: (certificate: string) => CertificateFacts | undefined;
}

export interface ConfigSource {
  readonly repository: string;
  /** A branch, or a commit's full id; empty for the repository's HEAD. */
  readonly branch: string;
}

export interface PipelineFile {
  readonly file: string;
  readonly text: string;
}

export type Fetched =
  | { readonly kind: 'fetched'; readonly revision: string; readonly files: readonly PipelineFile[] }
  /** Its tip is what was known. */
  | { readonly kind: 'same' }
  | { readonly kind: 'failed'; readonly reason: string };

export interface ConfigGit {
  /** @param known the revision whose files need not be read again. */
  readonly fetch: (source: ConfigSource, known: string | undefined, access: GitAccess) => Promise<Fetched>;
}

export interface GitAccess {
  readonly proxy: ProxySettings;
  readonly sshKey?: string;
  readonly knownHosts?: string;
  readonly https?: { readonly username: string; readonly password: string };
}

/** As in the environment of a program. */
export type ProxySettings = Readonly<Record<string, string>>;

export interface Buildbot {
  /** The environment's interpreter; it is made when it is not there. */
  readonly ensureEnvironment: (charm: string) => Promise<VenvOutcome>;
  readonly configure: (configuration: Omit<MasterConfiguration, 'user'>) => Promise<ConfigureOutcome>;
  /** Waits until its web pages answer. `failed`: systemd has given it up, or it takes too long. */
  readonly untilServing: (port: number, seconds: number) => Promise<'serving' | 'failed'>;
}

export interface PromotionCommand {
  /** Runs lpbuildbot-promotion as its own user. */
  readonly run: (args: readonly string[]) => Promise<{ readonly code: number; readonly output: string }>;
  /** After it was started. `failed`: it does not answer within some seconds. */
  readonly untilServing: () => Promise<'serving' | 'failed'>;
}

export interface HttpRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How long the answer may take; a few seconds, if nothing is said. */
  readonly patienceSeconds?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  readonly cookies: readonly string[];
}

export interface Http {
  /** undefined when nobody answers in time. */
  readonly ask: (request: HttpRequest) => Promise<HttpAnswer | undefined>;
}

export interface Archive {
  /** A consistent copy of the storage, the running master's database included; gives the file's path. */
  readonly save: (directory: string, python: string, now: Date) => Promise<string>;
  /** Puts an archive in the storage's place. Nothing may run on it. */
  readonly restore: (
    file: string,
  ) => Promise<{ readonly kind: 'restored' } | { readonly kind: 'refused'; readonly reason: string }>;
}

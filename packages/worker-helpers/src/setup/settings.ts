/** From the files and words that a person gives to the settings of a worker, or to a sentence about what is wrong with them. */
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { hostname, machine } from 'node:os';
import { Failure } from '../command/failure.ts';
import type { Log } from '../command/log.ts';
import type { MasterAddress } from './master-address.ts';
import { messages } from './messages.ts';
import type { WorkerSettings } from './worker-files.ts';

export interface Wishes {
  readonly master: MasterAddress;
  readonly name: string;
  readonly passwordFile: string;
  readonly tlsCa?: string | undefined;
  readonly admin?: string | undefined;
}

export function readSettings(wishes: Wishes, log: Log): WorkerSettings {
  const { master, name, passwordFile, tlsCa, admin } = wishes;
  return {
    master,
    name,
    password: readPassword(passwordFile, log),
    ...(tlsCa === undefined ? {} : { authority: readAuthority(tlsCa, log) }),
    admin: admin ?? `root@${hostname()}`,
    host: describeMachine(readText('/etc/os-release', () => '')),
  };
}

function readPassword(file: string, log: Log): string {
  const source = file === '-' ? '/dev/stdin' : file;
  const text = readText(source).replace(/\r?\n$/, '');
  if (text === '') throw new Failure(messages.emptyPassword(file));
  if (/[\r\n]/.test(text)) throw new Failure(messages.longPassword(file));
  const stat = statSync(source);
  if (stat.isFile() && (stat.mode & 0o004) !== 0) log.warn(messages.openPassword(file));
  return text;
}

function readAuthority(file: string, log: Log): string {
  const text = readText(file);
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0) throw new Failure(messages.notACertificate(file));
  for (const one of certificates) {
    const certificate = parseCertificate(one, file);
    if (Date.parse(certificate.validTo) < Date.now()) log.warn(messages.expired(file, certificate.validTo));
  }
  // Nothing else of the file, such as a key that somebody put beside it.
  return `${certificates.join('\n')}\n`;
}

function parseCertificate(text: string, file: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw new Failure(messages.notACertificate(file), { cause });
  }
}

function readText(file: string, otherwise?: () => string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (otherwise !== undefined) return otherwise();
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new Failure(messages.unreadable(file, why), { cause: error });
  }
}

/** The distribution and the architecture, from os-release(5): what does not change with every kernel. */
function describeMachine(osRelease: string): string {
  const [, name = 'Linux'] = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease) ?? [];
  return `${name}, ${machine()}`;
}

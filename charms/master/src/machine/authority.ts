/** Keys and certificates by the machine's openssl, which Node cannot make; what is in them Node can read. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authority, KeyPair } from './machine.ts';
import { mustRun } from './run.ts';

const AUTHORITY_DAYS = 7300;
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** In a directory of root's own, which is gone afterwards. */
async function inPrivate<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'lpbuildbot-tls-'));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** In openssl's own form: nothing of the machine's openssl.cnf counts. */
function settings(name: string, extensions: readonly string[]): string {
  const common = name.replace(/[^\w ./-]/g, '_').slice(0, 64);
  return [
    '[req]',
    'prompt=no',
    'distinguished_name=dn',
    '[dn]',
    `CN=${common}`,
    '[ext]',
    ...extensions,
    '',
  ].join('\n');
}

function pairIn(directory: string): KeyPair {
  return {
    key: readFileSync(join(directory, 'key'), 'utf8'),
    certificate: readFileSync(join(directory, 'certificate'), 'utf8').replace(/^[\s\S]*?(?=-----BEGIN)/, ''),
  };
}

export const realAuthority: Authority = {
  create: async (name) =>
    await inPrivate(async (cwd) => {
      const extensions = [
        'basicConstraints=critical,CA:TRUE,pathlen:0',
        'keyUsage=critical,keyCertSign,cRLSign',
        'subjectKeyIdentifier=hash',
      ];
      writeFileSync(join(cwd, 'settings'), settings(name, extensions));
      await mustRun(
        [
          ...['openssl', 'req', '-x509', '-config', 'settings', '-extensions', 'ext', ...NEW_KEY],
          ...['-days', String(AUTHORITY_DAYS), '-keyout', 'key', '-out', 'certificate'],
        ],
        { cwd },
      );
      return pairIn(cwd);
    }),
  issue: async (authority, address, days) =>
    await inPrivate(async (cwd) => {
      const extensions = [
        'basicConstraints=critical,CA:FALSE',
        'keyUsage=critical,digitalSignature',
        'extendedKeyUsage=serverAuth',
        'subjectKeyIdentifier=hash',
        'authorityKeyIdentifier=keyid',
        `subjectAltName=${isIP(address) === 0 ? 'DNS' : 'IP'}:${address}`,
      ];
      writeFileSync(join(cwd, 'settings'), settings(address, extensions));
      writeFileSync(join(cwd, 'ca.key'), authority.key, { mode: 0o600 });
      writeFileSync(join(cwd, 'ca.pem'), authority.certificate);
      await mustRun(
        ['openssl', 'req', '-new', '-config', 'settings', ...NEW_KEY, '-keyout', 'key', '-out', 'request'],
        { cwd },
      );
      await mustRun(
        [
          ...[
            'openssl',
            'x509',
            '-req',
            '-in',
            'request',
            '-CA',
            'ca.pem',
            '-CAkey',
            'ca.key',
            '-CAcreateserial',
          ],
          ...['-days', String(days), '-extfile', 'settings', '-extensions', 'ext', '-out', 'certificate'],
        ],
        { cwd },
      );
      return pairIn(cwd);
    }),
  describe: (text) => {
    const certificate = parsed(text);
    if (certificate === undefined) return undefined;
    return {
      expires: new Date(certificate.validTo),
      isFor: (address) =>
        (isIP(address) === 0 ? certificate.checkHost(address) : certificate.checkIP(address)) !== undefined,
      isSignedBy: (authority) => {
        const signer = parsed(authority);
        return (
          signer !== undefined && certificate.checkIssued(signer) && certificate.verify(signer.publicKey)
        );
      },
    };
  },
};

function parsed(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
}

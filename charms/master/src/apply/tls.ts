/** The authority that workers trust, and the certificate that it signs for the port they connect to. */
import type { Inputs } from '../inputs.ts';
import type { KeyPair, Machine } from '../machine/machine.ts';
import { MASTER_USER, places } from '../places.ts';

/** A certificate is made anew when less of its time is left; Buildbot reads it at its start only, so that is a restart. */
const RENEW_DAYS = 60;
const VALID_DAYS = 800;
const DAY = 86_400_000;

export interface Tls {
  /** In PEM. */
  readonly authority: string;
  readonly certificate: string;
}

export async function secureWorkerPort(
  machine: Machine,
  { tls, address, model, unit, now }: Inputs,
): Promise<Tls | undefined> {
  if (address === undefined) return undefined;
  const authority = tls.authority ?? (await createAuthority(machine, `lpbuildbot ${model} ${unit}`));
  const { certificate, facts } = tls;
  if (
    certificate !== undefined &&
    facts?.isFor(address) === true &&
    facts.isSignedBy(authority.certificate) &&
    facts.expires.getTime() - now.getTime() > RENEW_DAYS * DAY
  ) {
    return { authority: authority.certificate, certificate };
  }
  const issued = await machine.authority.issue(authority, address, VALID_DAYS);
  await machine.files.write(places.tlsKey, { content: issued.key, mode: 0o600, owner: MASTER_USER });
  await machine.files.write(places.tlsCertificate, { content: issued.certificate, mode: 0o644 });
  return { authority: authority.certificate, certificate: issued.certificate };
}

async function createAuthority(machine: Machine, name: string): Promise<KeyPair> {
  const pair = await machine.authority.create(name);
  // The certificate comes last: without it the authority is not there yet, and is made again.
  await machine.files.write(places.authorityKey, { content: pair.key, mode: 0o600 });
  await machine.files.write(places.authorityCertificate, { content: pair.certificate, mode: 0o644 });
  return pair;
}

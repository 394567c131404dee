/** The address of a master's port for workers, as people write it: HOST:PORT, [IPv6]:PORT. */
import { isIPv6 } from 'node:net';
import * as z from 'zod';
import { messages } from './messages.ts';

export interface MasterAddress {
  readonly host: string;
  readonly port: number;
}

const hostName = /^(?!-)[A-Za-z0-9._-]{1,253}$/;

export function parseMasterAddress(text: string): MasterAddress | undefined {
  const { host = '', digits = '' } = /^(?<host>.*):(?<digits>\d{1,5})$/.exec(text)?.groups ?? {};
  const port = Number(digits);
  if (port < 1 || port > 65_535) return undefined;
  const bracketed = /^\[(.*)\]$/.exec(host)?.[1];
  if (bracketed !== undefined) return isIPv6(bracketed) ? { host: bracketed, port } : undefined;
  return hostName.test(host) ? { host, port } : undefined;
}

export function printMasterAddress({ host, port }: MasterAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export const masterAddress = z.string().transform((text, context) => {
  const address = parseMasterAddress(text);
  if (address !== undefined) return address;
  context.addIssue({ code: 'custom', message: messages.notAnAddress });
  return z.NEVER;
});

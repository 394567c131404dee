/**
 * Passwords for Buildbot's web page, hashed with scrypt. The file's format is ours: `name:scrypt$N$r$p$salt$hash`, one a
 * line, salt and hash in base64; python/lpbuildbot_master/logins.py checks it.
 */
import { randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt);
/** 16 MB and about 50 ms for one check: RFC 7914's setting for interactive logins. */
const COST = { N: 16384, r: 8, p: 1 };

/** The stored form of a password, with a fresh salt. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, 32, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), hash.toString('base64')].join('$');
}

/**
 * The text of a logins file, from names to stored hashes. Throws a RangeError for a name that the file or HTTP's basic
 * authentication cannot hold: an empty one, or one with a colon or a control character.
 */
export function formatLogins(logins: ReadonlyMap<string, string>): string {
  return [...logins]
    .map(([name, hash]) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be in a line
      if (!/^[^:\u0000-\u001f\u007f]+$/.test(name)) throw new RangeError(`not a name for a login: ${name}`);
      return `${name}:${hash}\n`;
    })
    .join('');
}

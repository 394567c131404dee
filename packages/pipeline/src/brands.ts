/**
 * Values that are all strings and must not be mixed up. A branded value can only be made by parsing, so whoever holds a
 * `Sha` knows that it is one.
 */
import * as z from 'zod';

/** A full git object name: 40 lower-case hexadecimal digits (git's SHA-1 format). */
export const shaSchema = z
  .string()
  .regex(/^[0-9a-f]{40}$/, 'a full git commit id has 40 hexadecimal digits')
  .brand('Sha');
export type Sha = z.infer<typeof shaSchema>;

/** The name of a branch without `refs/heads/`, one that `git check-ref-format --branch` takes. */
export const branchSchema = z
  .string()
  .refine(isBranchName, 'not a branch name that git accepts')
  .brand('Branch');
export type Branch = z.infer<typeof branchSchema>;

/**
 * Whether git takes this as the name of a branch. The rules are those of git-check-ref-format(1), with `--branch`'s own
 * (no leading dash, not `HEAD`), so that a name can never be read as an option or as an expression.
 */
export function isBranchName(name: string): boolean {
  if (name === '' || name === '@' || name === 'HEAD' || name.startsWith('-')) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: git forbids exactly these
  if (/[\u0000-\u0020\u007f~^:?*[\\]/.test(name)) return false;
  if (name.includes('..') || name.includes('@{') || name.endsWith('.')) return false;
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}

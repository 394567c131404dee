/** Whether a request comes from the page itself: what a browser says of that, it says truly, and no other site can change it. */

/**
 * @param host the request's Host header.
 * @param publicUrl where a proxy in front offers the service, if one does.
 * @returns `none` when there is no Origin at all, as programs send none, and browsers do for what changes nothing.
 */
export function originOf(
  origin: string | undefined,
  host: string | undefined,
  publicUrl: string | undefined,
): 'own' | 'foreign' | 'none' {
  if (origin === undefined) return 'none';
  const said = URL.parse(origin);
  if (said === null || said.origin === 'null') return 'foreign';
  if (publicUrl !== undefined && said.origin === new URL(publicUrl).origin) return 'own';
  const own = host === undefined ? null : URL.parse(`${said.protocol}//${host}`);
  return own !== null && said.origin === own.origin ? 'own' : 'foreign';
}

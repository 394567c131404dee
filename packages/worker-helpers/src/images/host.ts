/** Facts of this machine that making images takes. */
import { execa } from 'execa';
import { type Lxd, serverInfo } from '../lxd/index.ts';

/** What LXD's containers run on here, as LXD names it, such as `x86_64`. */
export async function hostArchitecture(lxd: Lxd): Promise<string> {
  const { environment } = await serverInfo(lxd);
  return environment.architectures[0] ?? 'x86_64';
}

/** apt's proxies, as environment for programs that use apt and not this machine's configuration of it. */
export async function hostProxies(): Promise<Readonly<Record<string, string>>> {
  const { stdout, exitCode } = await execa('apt-config', ['dump'], { reject: false });
  return exitCode === 0 ? proxiesIn(stdout) : {};
}

/** From the lines of `apt-config dump`. */
export function proxiesIn(dump: string): Readonly<Record<string, string>> {
  const found = [...dump.matchAll(/^Acquire::(https?)::Proxy "([^"]+)";$/gim)];
  return Object.fromEntries(
    found.map(([, scheme = '', address = '']) => [`${scheme.toLowerCase()}_proxy`, address]),
  );
}

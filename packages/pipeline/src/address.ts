/**
 * Which addresses of repositories are safe to hand to git, and which two name the same repository. An allow list: git
 * runs programs for some addresses (`ext::`, `fd::`, an ssh host that starts with a dash), and no secret may stand in a
 * pipeline file. Forms: git-fetch(1), "GIT URLS", and gitremote-helpers(7).
 */
export type AddressFlaw =
  | 'blank'
  | 'option'
  | 'transport'
  | 'credentials'
  | 'query'
  | 'scheme'
  | 'host'
  | 'path'
  | 'relative'
  | 'long';

const remoteSchemes = ['https', 'http', 'ssh', 'git+ssh', 'ssh+git', 'git'];
const defaultPorts: Record<string, string> = {
  https: '443',
  http: '80',
  ssh: '22',
  'git+ssh': '22',
  'ssh+git': '22',
  git: '9418',
};

/** Buildbot's database keeps no longer ones (changes.repository is a String(512)). */
const longest = 512;

interface Parts {
  /** Empty for a path on this machine. */
  readonly scheme: string;
  readonly user: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
}

/** What makes this address unusable, or nothing when git may be given it. */
export function addressFlaw(address: string): AddressFlaw | undefined {
  const parts = split(address);
  return typeof parts === 'string' ? parts : undefined;
}

/**
 * The same text for two accepted addresses of one repository, whatever the scheme, the user, the default port and the
 * `.git` at the end: a team reads over https what it pushes to over ssh.
 */
export function placeOf(address: string): string {
  const parts = split(address);
  if (typeof parts === 'string') return address;
  if (parts.host === '') return parts.path.replace(/\/+$/, '') || '/';
  const port = parts.port === '' || parts.port === defaultPorts[parts.scheme] ? '' : `:${parts.port}`;
  const path = parts.path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  return `${parts.host.toLowerCase()}${port}/${path}`;
}

function split(address: string): Parts | AddressFlaw {
  if (address.trim() !== address || address === '' || /\p{Cc}/u.test(address)) return 'blank';
  if (address.startsWith('-')) return 'option';
  if (/^[^/[]*::/.test(address)) return 'transport';
  if (address.length > longest) return 'long';
  const url = /^([^:/]*):\/\/([^/]*)(.*)$/.exec(address);
  if (url) return splitUrl(url[1] ?? '', url[2] ?? '', url[3] ?? '');
  if (address.startsWith('/')) return { scheme: '', user: '', host: '', port: '', path: address };
  if (/^[^/]*:[^/]*@/.test(address)) return 'credentials';
  return splitScp(address);
}

function splitUrl(scheme: string, authority: string, path: string): Parts | AddressFlaw {
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? '' : authority.slice(0, at);
  const overSsh = scheme.includes('ssh');
  // Over http a user alone may be an access token.
  if (at >= 0 && (!overSsh || user.includes(':'))) return 'credentials';
  if (scheme === 'file') {
    return authority === '' && path.startsWith('/')
      ? { scheme: '', user: '', host: '', port: '', path }
      : 'path';
  }
  if (!remoteSchemes.includes(scheme)) return 'scheme';
  if (scheme.startsWith('http') && /[?#]/.test(authority + path)) return 'query';
  const place = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9._-]*)(?::([0-9]{1,5}))?$/.exec(
    authority.slice(at + 1),
  );
  if (!place || (at >= 0 && !isUser(user)) || !isPort(place[2])) return 'host';
  if (/\s/.test(path) || !/^\/+[^/-]/.test(path)) return 'path';
  return { scheme, user, host: place[1] ?? '', port: place[2] ?? '', path };
}

/** `[user@]host:path`, the short form for ssh. */
function splitScp(address: string): Parts | AddressFlaw {
  const match = /^(?:([^@:/]*)@)?(\[[0-9A-Fa-f:.]+\]|[^:/@]*):(.*)$/.exec(address);
  if (!match) return 'relative';
  const [, user, host = '', path = ''] = match;
  if (user === undefined && (host === 'file' || remoteSchemes.includes(host))) return 'scheme';
  if (!/^(\[.+\]|[A-Za-z0-9][A-Za-z0-9._-]*)$/.test(host) || (user !== undefined && !isUser(user)))
    return 'host';
  if (/\s/.test(path) || !/^\/*[^/-]/.test(path)) return 'path';
  return { scheme: 'ssh', user: user ?? '', host, port: '', path };
}

function isUser(user: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/.test(user);
}

function isPort(port: string | undefined): boolean {
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
}

/**
 * What LXD wants to know beside a root file system, and the templates that give each container a name of its own (LXD's
 * documentation, "Image format").
 */
import { stringify } from 'yaml';

/** Files by path. `now` in milliseconds since the epoch. */
export function metadataFiles(architecture: string, now: number): ReadonlyMap<string, string> {
  const when = ['create', 'copy'];
  return new Map([
    [
      'metadata.yaml',
      stringify({
        architecture,
        creation_date: Math.floor(now / 1000),
        properties: { description: 'lpbuildbot, being made' },
        templates: {
          '/etc/hostname': { when, template: 'hostname.tpl' },
          '/etc/hosts': { when, template: 'hosts.tpl' },
        },
      }),
    ],
    ['templates/hostname.tpl', '{{ container.name }}\n'],
    [
      'templates/hosts.tpl',
      `127.0.0.1\tlocalhost
127.0.1.1\t{{ container.name }}
::1\tlocalhost ip6-localhost ip6-loopback
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
`,
    ],
  ]);
}

/**
 * What is done once in the container that all others of an image are copied from: the user whose files the build owns, and a
 * network that is there before the system is up. Runs as the container's root, by its /bin/sh, with the programs that every
 * Debian has. Settings come in the environment; what it finds out is printed.
 */
import type { Ids } from './identity.ts';
import type { Nic, Subnet } from './network.ts';

export const HOSTNAME = 'build';

/** Runs in each container before its first process. */
export const START_HOOK = '/usr/lib/lpbuildbot/before-init';

/** `given` is the network whose addresses are given from outside; without one the image's own way is left alone. */
export function prepareEnvironment(
  { uid, gid }: Ids,
  given: { readonly nic: Nic; readonly subnet: Subnet } | undefined,
): Record<string, string> {
  return {
    BUILD_UID: String(uid),
    BUILD_GID: String(gid),
    GATEWAY: given?.subnet.gateway ?? '',
    NIC: given?.nic.settings.name ?? given?.nic.device ?? '',
    HOSTNAME,
    START_HOOK,
  };
}

/** Prints, in two lines, `login:home:shell` of the user, and `root` when users can become root by programs that are there for that, or `user`. */
export const prepareScript = `set -eu

# First boots are long; copies of this one have theirs behind them.
if command -v systemctl >/dev/null 2>&1; then
  timeout 120 systemctl is-system-running --wait >/dev/null 2>&1 || true
fi
if [ -d /etc/cloud ]; then : >/etc/cloud/cloud-init.disabled; fi

# The name is given from outside, so that it is there before any file is read.
rm -f /etc/hostname
others=$(grep -v '^127\\.0\\.1\\.1' /etc/hosts 2>/dev/null || printf '127.0.0.1\\tlocalhost\\n')
printf '%s\\n127.0.1.1\\t%s\\n' "$others" "$HOSTNAME" >/etc/hosts

# Else the loopback would be up only when the first process has come to it.
mkdir -p "\${START_HOOK%/*}"
printf '#!/bin/sh\\nip link set lo up || ifconfig lo up || true\\n' >"$START_HOOK"
chmod 755 "$START_HOOK"

if [ -n "$GATEWAY" ]; then
  # A stub of systemd-resolved answers only once that is up.
  rm -f /etc/resolv.conf
  printf 'nameserver %s\\nsearch lxd\\n' "$GATEWAY" >/etc/resolv.conf
  # Whoever manages the network finds the address there and leaves it.
  if [ -d /etc/systemd/network ]; then
    printf '[Match]\\nName=%s\\n\\n[Network]\\nDHCP=no\\nKeepConfiguration=yes\\nDNS=%s\\n' "$NIC" "$GATEWAY" \\
      >/etc/systemd/network/00-lpbuildbot.network
  fi
  if [ -f /etc/network/interfaces ]; then
    printf 'auto lo\\niface lo inet loopback\\n' >/etc/network/interfaces
    rm -f /etc/network/interfaces.d/*
  fi
fi

name_of() { sed -n "s/^\\([^:]*\\):[^:]*:$2:.*/\\1/p" "$1" | head -n 1; }
free_name() {
  for candidate in buildbot lpbuildbot "lpbuildbot$2"; do
    grep -q "^$candidate:" "$1" || { echo "$candidate"; return; }
  done
}
if [ -z "$(name_of /etc/group "$BUILD_GID")" ]; then
  printf '%s:x:%s:\\n' "$(free_name /etc/group "$BUILD_GID")" "$BUILD_GID" >>/etc/group
fi
login=$(name_of /etc/passwd "$BUILD_UID")
home=$(sed -n "s/^[^:]*:[^:]*:$BUILD_UID:[^:]*:[^:]*:\\([^:]*\\):.*/\\1/p" /etc/passwd | head -n 1)
case $home in
  /home/?*) ;;
  *)
    # A service of the image may have that id: the line that comes first is what a look-up by id finds.
    login=$(free_name /etc/passwd "$BUILD_UID")
    home=/home/$login
    shell=/bin/sh
    if [ -x /bin/bash ]; then shell=/bin/bash; fi
    printf '%s:x:%s:%s:build:%s:%s\\n' "$login" "$BUILD_UID" "$BUILD_GID" "$home" "$shell" >/etc/passwd.new
    cat /etc/passwd >>/etc/passwd.new
    cat /etc/passwd.new >/etc/passwd
    rm /etc/passwd.new
    if [ -f /etc/shadow ]; then printf '%s:!:19000:0:99999:7:::\\n' "$login" >>/etc/shadow; fi
    ;;
esac
mkdir -p "$home"
chown "$BUILD_UID:$BUILD_GID" "$home"
sed -n "s/^\\([^:]*\\):[^:]*:$BUILD_UID:[^:]*:[^:]*:\\([^:]*\\):\\([^:]*\\)$/\\1:\\2:\\3/p" /etc/passwd | head -n 1
if command -v sudo >/dev/null 2>&1 || command -v doas >/dev/null 2>&1; then echo root; else echo user; fi
`;

/**
 * What is done inside of an image, as scripts for its own /bin/sh: they run in the chroot of mmdebstrap or in the container
 * that becomes the image. They take any image that has apt and systemd or that has neither, and may be run again.
 */

/** Timers and services that take apt's lock, or the machine's time, at moments of their own choosing. */
const background = [
  'apt-daily.timer',
  'apt-daily.service',
  'apt-daily-upgrade.timer',
  'apt-daily-upgrade.service',
  'unattended-upgrades.service',
  'apt-news.service',
  'esm-cache.service',
  'packagekit.service',
  'update-notifier-download.timer',
  'update-notifier-download.service',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'man-db.timer',
  'motd-news.timer',
];

/** Nothing in the background that takes apt's lock: builds failed at random because of it. */
export const quietScript = `
mkdir -p /etc/systemd/system
for unit in ${background.join(' ')}; do
  ln -sfn /dev/null "/etc/systemd/system/$unit"
done
if [ -d /etc/apt ]; then
  mkdir -p /etc/apt/apt.conf.d
  cat > /etc/apt/apt.conf.d/99lpbuildbot <<'END'
APT::Periodic::Enable "0";
APT::Periodic::Update-Package-Lists "0";
APT::Periodic::Unattended-Upgrade "0";
DPkg::Lock::Timeout "300";
Acquire::Retries "3";
END
fi
# No container is there after a crash of the machine, so dpkg need not wait for the disk after each file.
if [ -d /etc/dpkg/dpkg.cfg.d ]; then echo force-unsafe-io > /etc/dpkg/dpkg.cfg.d/99lpbuildbot; fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl stop ${background.join(' ')} 2>/dev/null || true
fi
`;

/**
 * An address by DHCP on eth0, with what the image has for that, unless it has it already. Containers are copied from one
 * that was started once, and so have the same machine-id: networkd would ask for the same address in all of them if it
 * did not go by the hardware address.
 */
export const networkScript = `
configured() {
  for file in /etc/netplan/*.yaml /etc/systemd/network/*.network /run/systemd/network/*.network; do
    [ -e "$file" ] && return 0
  done
  grep -qsE '^[[:space:]]*iface[[:space:]]+eth0' /etc/network/interfaces /etc/network/interfaces.d/* && return 0
  [ -e /etc/systemd/system/multi-user.target.wants/NetworkManager.service ]
}
if ! configured; then
  if command -v ifup >/dev/null; then
    mkdir -p /etc/network/interfaces.d
    printf 'auto eth0\\niface eth0 inet dhcp\\n' > /etc/network/interfaces.d/lpbuildbot
    grep -qs '^source' /etc/network/interfaces || echo 'source /etc/network/interfaces.d/*' >> /etc/network/interfaces
    if [ -d /run/systemd/system ]; then ifup eth0 || true; fi
  elif [ -e /lib/systemd/systemd-networkd ] || [ -e /usr/lib/systemd/systemd-networkd ]; then
    mkdir -p /etc/systemd/network
    printf '[Match]\\nName=eth0\\n\\n[Network]\\nDHCP=yes\\n' > /etc/systemd/network/50-lpbuildbot.network
    systemctl enable systemd-networkd.service
    if [ -d /run/systemd/system ]; then systemctl restart systemd-networkd.service || true; fi
  fi
fi
if [ -e /lib/systemd/systemd-networkd ] || [ -e /usr/lib/systemd/systemd-networkd ]; then
  mkdir -p /etc/systemd/networkd.conf.d
  printf '[%s]\\nDUIDType=link-layer\\n' DHCP DHCPv4 DHCPv6 > /etc/systemd/networkd.conf.d/50-lpbuildbot.conf
fi
`;

/** What only the first container of an image has to do, or what would make all of them look like one. */
export const tidyScript = `
if command -v apt-get >/dev/null; then
  apt-get clean
  rm -rf /var/lib/apt/lists/*
fi
if [ -d /etc/cloud ]; then touch /etc/cloud/cloud-init.disabled; fi
if [ -e /etc/machine-id ]; then : > /etc/machine-id; fi
if [ -f /var/lib/dbus/machine-id ] && [ ! -L /var/lib/dbus/machine-id ]; then rm -f /var/lib/dbus/machine-id; fi
rm -rf /var/lib/systemd/random-seed /var/lib/dhcp/* /var/log/journal/* /tmp/* /var/tmp/* /root/.cache
`;

/** Waits until the image's own start is over, cloud-init's part included; prints systemd's state and the units that failed. */
export const bootedScript = `
case "$(readlink -f /sbin/init)" in
*/systemd)
  deadline=$(($(date +%s) + 120))
  while :; do
    state=$(systemctl is-system-running 2>/dev/null || true)
    case "$state" in running | degraded | maintenance | stopping) break ;; esac
    if [ "$(date +%s)" -ge "$deadline" ]; then break; fi
    sleep 0.1
  done
  if command -v cloud-init >/dev/null && [ ! -e /etc/cloud/cloud-init.disabled ]; then
    cloud-init status --wait >/dev/null || true
  fi
  echo "\${state:-unknown}"
  systemctl list-units --state=failed --plain --no-legend 2>/dev/null | cut -d ' ' -f 1
  ;;
*) echo other ;;
esac
`;

/** Says `yes` where there are packages to be had from apt. */
export const hasAptScript = `
command -v apt-get >/dev/null || exit 0
cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -qE '^[[:space:]]*(deb[[:space:]]|URIs:)' && echo yes
true
`;

/** Fails when any index cannot be had: apt itself only warns. */
export const aptUpdate = 'apt-get -q -o APT::Update::Error-Mode=any update';

/** Files that a recipe placed stay, and nobody is asked. */
const aptGet = 'apt-get -q -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold';
export const aptInstall = `${aptGet} install`;
export const aptUpgrade = `${aptGet} dist-upgrade`;

/** Runs in the chroot that mmdebstrap has made. */
export const archiveScript = `set -e
systemctl enable systemd-resolved.service
ln -sfn ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
mkdir -p /etc/systemd/system/systemd-udev-trigger.service.d
cat > /etc/systemd/system/systemd-udev-trigger.service.d/lpbuildbot.conf <<'END'
# The devices of the host are none of the container's business; networkd waits for those of the network.
[Service]
ExecStart=
ExecStart=-udevadm trigger --action=add --subsystem-match=net
END
${networkScript}
${quietScript}
`;

/** For a word of a shell's command line. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

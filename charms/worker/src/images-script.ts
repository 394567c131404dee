/**
 * Making images takes longer than a hook may: a transient unit of systemd does it, one image after the other, says which, and asks
 * Juju for a look at the unit after each. It is shell, given as text, because an upgrade of the charm replaces all of its files
 * while it runs.
 */
import { places, units } from './places.ts';

/** Arguments: the unit, the digest of the recipes, options for lpbuildbot-create-image in one word, and the names. */
export const makeImagesScript = `
unit=$1 digest=$2 options=$3
shift 3
work=${places.run}
mkdir -p "$work" ${places.state}
# In a unit of its own, which goes on when this one is over, after what the argument says. Not by a timer: for as long as a minute systemd
# lets timers wait for each other.
tell() {
  if command -v juju-exec >/dev/null; then
    systemd-run --quiet --collect timeout 300 /bin/sh -c \\
      "$1 exec juju-exec $unit 'JUJU_DISPATCH_PATH=hooks/update-status ./dispatch'" >/dev/null 2>&1 || true
  fi
}
: >"$work/images-failures"
total=$#
index=0
for name do
  index=$((index + 1))
  echo "$index $total $name" >${places.imagesProgress}
  tell ''
  # shellcheck disable=SC2086
  lpbuildbot-create-image $options "$name" 2>"$work/images-log" ||
    printf '%s\\t%s\\n' "$name" "$(tail -n 1 "$work/images-log" | tr '\\t' ' ')" >>"$work/images-failures"
  cat "$work/images-log" >&2
done
{ echo "$digest"; cat "$work/images-failures"; } >${places.imagesResult}.new
mv ${places.imagesResult}.new ${places.imagesResult}
rm -f ${places.imagesProgress} "$work/images-failures" "$work/images-log"
tell 'until systemctl show --property=ActiveState --value ${units.images} | grep -Eqx "inactive|failed"; do sleep 0.1; done;'
`;

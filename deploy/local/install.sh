#!/bin/sh
# Installs the distribution packages named as arguments; a broker among them is neither started nor enabled.
set -eu

policy=/usr/sbin/policy-rc.d
mark='put in place by Nilai for the time of one installation'
new=""

restore() {
    if [ -e "$policy" ] && grep -q "$mark" "$policy"; then
        rm -f "$policy"
        if [ -e "$policy.nilai-kept" ]; then mv "$policy.nilai-kept" "$policy"; fi
    fi
    for unit in $new; do
        systemctl disable "$unit" >/dev/null 2>&1 || rm -f /etc/systemd/system/*.wants/"$unit"
    done
    case "$new" in *rabbitmq*) update-rc.d rabbitmq-server disable >/dev/null 2>&1 || true ;; esac
}

forbid_starts() {
    if [ -e "$policy" ]; then
        if "$policy" rabbitmq-server start >/dev/null 2>&1; then mv "$policy" "$policy.nilai-kept"; else return 0; fi
    fi
    printf '%s\n' '#!/bin/sh' "# $mark" 'case "$1" in rabbitmq-server*|epmd*) exit 101 ;; esac' \
        "if [ -x $policy.nilai-kept ]; then exec $policy.nilai-kept \"\$@\"; fi" 'exit 0' >"$policy"
    chmod 755 "$policy"
}

trap restore EXIT
trap 'exit 130' INT TERM HUP
restore # what an installation that was killed may have left

if ! dpkg -s rabbitmq-server >/dev/null 2>&1; then new="rabbitmq-server.service"; fi
if ! dpkg -s erlang-base >/dev/null 2>&1; then new="$new epmd.service epmd.socket"; fi
forbid_starts

export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
apt-get update -q
apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"

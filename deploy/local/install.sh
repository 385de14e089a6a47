#!/bin/sh
# Installs the distribution packages named as arguments; no service among them or what they need is started, no broker
# enabled.
set -eu

policy=/usr/sbin/policy-rc.d
mark='put in place by Nilai for the time of one installation'

# The policy itself remembers which units are new, so that a later run can tidy up after one that was killed.
restore() {
    if ! grep -qs "$mark" "$policy"; then return 0; fi
    for unit in $(sed -n 's/^# new units: //p' "$policy"); do
        systemctl disable "$unit" >/dev/null 2>&1 || rm -f /etc/systemd/system/*.wants/"$unit"
        if [ "$unit" = rabbitmq-server.service ]; then update-rc.d rabbitmq-server disable >/dev/null 2>&1 || true; fi
    done
    rm -f "$policy"
    if [ -e "$policy.nilai-kept" ]; then mv "$policy.nilai-kept" "$policy"; fi
}

new_units() {
    if ! dpkg -s rabbitmq-server >/dev/null 2>&1; then printf 'rabbitmq-server.service '; fi
    if ! dpkg -s erlang-base >/dev/null 2>&1; then printf 'epmd.service epmd.socket'; fi
}

forbid_starts() {
    units=$(new_units)
    if [ -e "$policy" ]; then mv "$policy" "$policy.nilai-kept"; fi
    cat >"$policy.new" <<END
#!/bin/sh
# $mark
# new units: $units
case "\$1" in rabbitmq-server* | epmd* | cron* | logrotate*) exit 101 ;; esac
if [ -x $policy.nilai-kept ]; then exec $policy.nilai-kept "\$@"; fi
exit 0
END
    chmod 755 "$policy.new"
    mv "$policy.new" "$policy"
}

get() {
    apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}

export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
if grep -qs "$mark" "$policy"; then
    get --fix-broken || dpkg --configure -a # waits for what the killed run may still be doing
fi
trap restore EXIT
trap 'exit 130' INT TERM HUP
restore
forbid_starts
apt-get update -q
get "$@"

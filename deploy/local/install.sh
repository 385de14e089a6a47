#!/bin/sh
# Installs the distribution packages named as arguments; no service among them or what they need is started or enabled.
set -eu

policy=/usr/sbin/policy-rc.d
mark='put in place by Nilai for the time of one installation'

# The policy itself remembers which units are new, so that a later run can tidy up after one that was killed.
restore() {
    if ! grep -qs "$mark" "$policy"; then return 0; fi
    for unit in $(sed -n 's/^# new units: //p' "$policy"); do
        systemctl disable "$unit" >/dev/null 2>&1 || rm -f /etc/systemd/system/*.wants/"$unit"
        script=${unit%.*}
        if [ -e "/etc/init.d/$script" ]; then update-rc.d "$script" disable >/dev/null 2>&1 || true; fi
    done
    rm -f "$policy"
    if [ -e "$policy.nilai-kept" ]; then mv "$policy.nilai-kept" "$policy"; fi
}

# What the machine has already is its own: only a package that comes now brings units that are new.
new_units() {
    while read -r package units; do
        if ! dpkg -s "$package" >/dev/null 2>&1; then printf '%s ' "$units"; fi
    done <<END
rabbitmq-server rabbitmq-server.service
erlang-base epmd.service epmd.socket
nginx-common nginx.service
clamav-daemon clamav-daemon.service clamav-daemon.socket
clamav-freshclam clamav-freshclam.service
END
}

forbid_starts() {
    units=$(new_units)
    if [ -e "$policy" ]; then mv "$policy" "$policy.nilai-kept"; fi
    cat >"$policy.new" <<END
#!/bin/sh
# $mark
# new units: $units
case "\$1" in rabbitmq-server* | epmd* | nginx* | clamav* | cron* | logrotate*) exit 101 ;; esac
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

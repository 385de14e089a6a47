#!/bin/sh
# Becomes the nginx in front of the services, in a container as on a machine: nginx.conf.template with its settings
# filled in. Defaults are those of docker-compose.yml.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

: "${GATEWAY_NGINX:=nginx}" "${GATEWAY_RUN:=/tmp}" "${GATEWAY_LISTEN:=8080}" "${GATEWAY_KEYS:=/srv/keys}"
: "${GATEWAY_INTAKE:=intake-web:8080}" "${GATEWAY_REVIEW:=review-web:8080}"
: "${GATEWAY_SCORING:=scoring-web:8080}" "${GATEWAY_NOTIFY:=notify-web:8080}"

# The machine that a container's published port lies on: whatever comes through that port has its address.
machine() {
    route=$(awk '$2 == "00000000" && $8 == "00000000" { print $3; exit }' /proc/net/route)
    set -- $(printf %s "$route" | sed 's/../0x& /g')
    [ $# = 4 ] && printf '%d.%d.%d.%d' "$4" "$3" "$2" "$1"
}

# Only these are believed about who stands behind them: addresses, ranges, or `machine`.
GATEWAY_TRUSTED=
for one in ${NILAI_TRUSTED_PROXIES:-}; do
    case $one in
        machine) one=$(machine) || continue ;;
        *[!0-9A-Fa-f.:/]*) echo "NILAI_TRUSTED_PROXIES: $one is no address, no range, and not 'machine'." >&2; exit 2 ;;
    esac
    GATEWAY_TRUSTED="$GATEWAY_TRUSTED    set_real_ip_from $one;"
done

fill=
for name in LISTEN KEYS INTAKE REVIEW SCORING NOTIFY TRUSTED; do
    eval "value=\$GATEWAY_$name"
    fill="$fill;s|\\\${GATEWAY_$name}|$(printf %s "$value" | sed 's/[\\&|]/\\&/g')|g"
done

umask 077
mkdir -p "$GATEWAY_RUN"
cd "$GATEWAY_RUN"
sed "${fill#;}" "$here/nginx.conf.template" >nginx.conf
cp "$here/forward.conf" "$here/known.conf" "$here/gateway.css" .
whoever=
if [ "$(id -u)" = 0 ]; then whoever='user root;'; fi # as every other program that root starts on a machine
exec "$GATEWAY_NGINX" -e stderr -p ./ -c nginx.conf -g "daemon off; $whoever" "$@"

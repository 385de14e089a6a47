#!/bin/sh
# Plays one assessment round against the containers that were started with deploy/compose/try.env.
set -eu
cd "$(dirname "$0")/../.."

gateway=http://127.0.0.1:${GATEWAY_PORT:-8080}
out=.local/demo
host=$(${COMPOSE:-docker compose} --env-file deploy/compose/try.env exec -T notify-worker \
    python -c 'import socket; print(socket.gethostbyname("host.docker.internal"))')

mkdir -p $out
.venv/bin/python -c 'import sys, urllib.request as u; u.urlretrieve(*sys.argv[1:])' "$gateway/keys.json" $out/keys.json
exec .venv/bin/python -m deploy.demo --gateway "$gateway" --issuer "http://127.0.0.1:${ISSUER_PORT:-8100}" \
    --keys $out/keys.json --listen "$host:${RECEIVER_PORT:-8190}" \
    --receiver "http://host.docker.internal:${RECEIVER_PORT:-8190}" --out $out "$@"

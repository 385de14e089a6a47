#!/bin/sh
# `backup.sh save FOLDER` keeps everything that an installation holds, `backup.sh restore FOLDER` puts it back.
# The containers must be stopped (save) or only created (restore): see deploy/runbook.md.
set -eu
cd "$(dirname "$0")/../.."

project=${COMPOSE_PROJECT_NAME:-$(basename "$PWD" | tr '[:upper:]' '[:lower:]' | tr -cd 'a-z0-9_-')}
volumes="mongo-data rabbitmq-data keys intake-keys review-keys scoring-keys notify-keys"
image=nilai-operations:${NILAI_VERSION:-0.1.0}

usage() {
    echo "usage: $0 save|restore FOLDER" >&2
    exit 2
}
[ $# = 2 ] || usage
if docker ps -q --filter "label=com.docker.compose.project=$project" | grep -q .; then
    echo "Containers of $project are running: stop them first." >&2
    exit 1
fi
case $1 in
save) umask 077 && mkdir -p "$2" && from=volume to=kept options=:ro pack='tar czf "/kept/$1.tgz" -C /volume .' ;;
restore) from=kept to=volume options= pack='tar xzf "/kept/$1.tgz" -C /volume' ;;
*) usage ;;
esac
folder=$(cd "$2" && pwd)
for name in $volumes; do
    echo "$name: $from -> $to"
    docker volume inspect "${project}_$name" >/dev/null
    docker run --rm --network none --user 0 -v "${project}_$name:/volume$options" -v "$folder:/kept" \
        "$image" sh -c "$pack" -- "$name"
done

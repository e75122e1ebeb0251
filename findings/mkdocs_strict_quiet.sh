#!/usr/bin/env bash
# mkdocs 1.6.1 (Python 3.11): with `--quiet`, `--strict` lets dead links pass.
#
# `--strict` counts the warnings that reach a log handler, and `--quiet` raises the logger's level so that no warning
# does. A build that should fail on a dead link then succeeds and prints nothing. Without `--quiet`, or with the output sent to
# /dev/null instead, it fails.
#
# Seen:
#   --strict: 1
#   --strict --quiet: 0
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mkdocs==1.6.1

mkdir "$folder/docs"
echo 'site_name: Example' > "$folder/mkdocs.yml"
printf '# Home\n\nA link to a [page](nowhere.md) that is not there.\n' > "$folder/docs/index.md"

build() {
    code=0
    (cd "$folder" && venv/bin/mkdocs build "$@" > /dev/null 2>&1) || code=$?
    echo "$*: $code"
}
seen=$(build --strict; build --strict --quiet)
echo "$seen"
test "$seen" = '--strict: 1
--strict --quiet: 0'

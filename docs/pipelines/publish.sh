#!/bin/sh
# Publishes a folder of policies with its cases, and prints the report for whoever approves it: publish.sh POLICIES CASES
# COMITY_TOKEN is the token of a policy owner. PYTHON is the interpreter; by default that of the checkout.
set -eu
python=${PYTHON:-.venv/bin/python}
published=$("$python" manage.py policy publish --policies "$1" --cases "$2")
printf '%s\n' "$published"
bundle=$(printf '%s\n' "$published" | sed -n 's/^bundle \([0-9]*\) published: .*/\1/p')
"$python" manage.py policy report "$bundle"

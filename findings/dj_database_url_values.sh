#!/usr/bin/env bash
# dj-database-url 3.1.2 (Python 3.11): values in the query of a database's URL become numbers and truth values.
#
# Whatever consists of digits becomes an int, so `application_name=007` names the connection 7, and `true` and `false` become
# booleans. Django's own settings, such as CONN_MAX_AGE, are not recognized in the query: they land in OPTIONS beside
# the driver's, and psycopg refuses the connection because of them. They are arguments of `parse` and `config`.
#
# Seen:
#   {'application_name': 7, 'sslmode': True, 'conn_max_age': 600} and CONN_MAX_AGE 0
#   psycopg: invalid connection option "conn_max_age"
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check dj-database-url==3.1.2 django==5.2.19 psycopg-binary==3.3.9 psycopg==3.3.9
cat >try.py <<'PYTHON'
import dj_database_url
import psycopg

found = dj_database_url.parse("postgres://me@127.0.0.1/shop?application_name=007&sslmode=true&conn_max_age=600")
print(found["OPTIONS"], "and CONN_MAX_AGE", found["CONN_MAX_AGE"])
try:
    psycopg.connect(dbname="shop", conn_max_age=found["OPTIONS"]["conn_max_age"])
except psycopg.ProgrammingError as error:
    print("psycopg:", str(error).strip())
PYTHON
venv/bin/python try.py | tee seen
diff seen - <<'SEEN'
{'application_name': 7, 'sslmode': True, 'conn_max_age': 600} and CONN_MAX_AGE 0
psycopg: invalid connection option "conn_max_age"
SEEN

#!/usr/bin/env bash
# cel-expr-python 0.1.3 (CEL in C++), protobuf 7.36.2, Python 3.11
#
# We expected a Python datetime to be a CEL timestamp everywhere, as an int is a CEL int.
# It is one only for a variable declared as timestamp. For a `dyn` variable, in a list or map of `dyn`, and where
# `disable_check=True` leaves variables undeclared, the same datetime is an ERROR value, "Non-CEL value type", which `eval`
# returns instead of raising it. The protobuf message google.protobuf.Timestamp is accepted everywhere.
#
# Seen: declared: BOOL True
#       dyn: ERROR INVALID_ARGUMENT: Non-CEL value type for 'a': datetime.datetime.
#       undeclared: ERROR INVALID_ARGUMENT: Non-CEL value type for 'a': datetime.datetime.
#       message: BOOL True
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cel-expr-python==0.1.3 protobuf==7.36.2
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
from datetime import datetime, timezone

from cel_expr_python import cel
from google.protobuf.timestamp_pb2 import Timestamp

moment = datetime(2026, 3, 1, tzinfo=timezone.utc)
message = Timestamp()
message.FromDatetime(moment)
text = "a == timestamp('2026-03-01T00:00:00Z')"
declared = cel.NewEnv(variables={"a": cel.Type.TIMESTAMP}).compile(text)
dyn = cel.NewEnv(variables={"a": cel.Type.DYN}).compile(text)
undeclared = cel.NewEnv().compile(text, disable_check=True)
for name, program, value in (
    ("declared", declared, moment), ("dyn", dyn, moment), ("undeclared", undeclared, moment), ("message", undeclared, message)
):
    answer = program.eval(data={"a": value})
    print(f"{name}: {answer.type()} {answer.value()}")
PYTHON
cat "$folder/seen"
diff "$folder/seen" - <<'SEEN'
declared: BOOL True
dyn: ERROR INVALID_ARGUMENT: Non-CEL value type for 'a': datetime.datetime.
undeclared: ERROR INVALID_ARGUMENT: Non-CEL value type for 'a': datetime.datetime.
message: BOOL True
SEEN

#!/usr/bin/env bash
# cedarpy 4.12.2 (Cedar, Python 3.11): Cedar reads no moment that `isoformat` writes.
#
# Cedar's `datetime` looks like ISO 8601. It wants an offset without a colon and either no fraction or exactly three digits. An
# aware datetime of Python has a colon in its offset, and six digits of a second or none. The call is an error of the policy,
# which then permits nothing: the answer is a plain denial, with the reason only in the diagnostics. Format moments yourself, as
# below.
#
# Seen:
#   2026-01-31T12:00:00.500000+00:00: Deny, 1 errors
#   2026-01-31T12:00:00+00:00: Deny, 1 errors
#   2026-01-31T12:00:00.500+00:00: Deny, 1 errors
#   2026-01-31T12:00:00.500+0000: Allow, 0 errors
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cedarpy==4.12.2

cat > "$folder/ask.py" <<'PYTHON'
from datetime import UTC, datetime

import cedarpy

moment = datetime(2026, 1, 31, 12, 0, 0, 500_000, UTC)
texts = (
    moment.isoformat(),
    moment.replace(microsecond=0).isoformat(),
    moment.isoformat(timespec="milliseconds"),
    moment.strftime("%Y-%m-%dT%H:%M:%S.500%z"),
)
policy = 'permit (principal, action, resource) when { datetime(context.at) > datetime("2026-01-01") };'
for text in texts:
    names = {"principal": 'User::"a"', "action": 'Action::"read"', "resource": 'Page::"b"'}
    answer = cedarpy.is_authorized({**names, "context": {"at": text}}, policy, [])
    print(f"{text}: {answer.decision.value}, {len(answer.diagnostics.errors)} errors")
PYTHON
seen=$("$folder/venv/bin/python" "$folder/ask.py")
echo "$seen"
test "$seen" = '2026-01-31T12:00:00.500000+00:00: Deny, 1 errors
2026-01-31T12:00:00+00:00: Deny, 1 errors
2026-01-31T12:00:00.500+00:00: Deny, 1 errors
2026-01-31T12:00:00.500+0000: Allow, 0 errors'

#!/usr/bin/env bash
# sarif-tools 3.0.5 (Python 3.11): results that are suppressed, or gone since the baseline, count as errors.
#
# SARIF 2.1.0 lets a result say that somebody accepted it (`suppressions`) or that it is there no more (`baselineState: absent`).
# `sarif summary` counts both with the rest and `--check error` fails because of them; `sarif csv` and `sarif codeclimate` list
# them without a mark, so a report made for GitLab shows mended problems as new ones. A writer that wants to be read
# right leaves such results out. `kind: pass` is understood: it counts as no problem.
#
# Seen:
#   error: 3
#    - open: 1
#    - accepted: 1
#    - mended: 1
#   warning: 0
#   note: 0
#   none: 1
#    - passed: 1
#   listed for GitLab: accepted, mended, open, passed
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check sarif-tools==3.0.5
cat >report.sarif <<'SARIF'
{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "checks"}}, "results": [
  {"ruleId": "open", "level": "error", "message": {"text": "open"}},
  {"ruleId": "accepted", "level": "error", "message": {"text": "accepted"}, "suppressions": [{"kind": "external"}]},
  {"ruleId": "mended", "level": "error", "message": {"text": "mended"}, "baselineState": "absent"},
  {"ruleId": "passed", "kind": "pass", "message": {"text": "passed"}}]}]}
SARIF
venv/bin/sarif summary report.sarif | sed '/^$/d' | tee seen
venv/bin/sarif codeclimate --output issues.json report.sarif >/dev/null
venv/bin/python - <<'PYTHON' | tee -a seen
import json
print("listed for GitLab:", ", ".join(sorted(issue["check_name"] for issue in json.load(open("issues.json")))))
PYTHON
diff seen - <<'SEEN'
error: 3
 - open: 1
 - accepted: 1
 - mended: 1
warning: 0
note: 0
none: 1
 - passed: 1
listed for GitLab: accepted, mended, open, passed
SEEN

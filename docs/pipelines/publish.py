#!/usr/bin/env python3
"""Publishes a folder of policies with its cases, and prints the report for whoever approves it: publish.py POLICIES CASES

COMITY_URL is the address of the server, COMITY_TOKEN the token of a policy owner. Needs Python and git, nothing of Comity.
"""

import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

SECONDS = 120
TRIES = 20


def main(policies: Path, cases: Path) -> None:
    files = {path.name: path for path in [*policies.glob("*.yaml"), *policies.glob("released.lock")]}
    files |= {f"cases/{path.relative_to(cases).as_posix()}": path for path in cases.rglob("*.yaml")}
    listed = ask("GET", "?limit=100")["items"]
    in_force = next((bundle["revision"] for bundle in listed if bundle["state"] == "active"), "")
    new = {
        "files": {name: path.read_bytes().decode() for name, path in files.items()},
        "authors": authors(policies, since=in_force),
        "revision": git(policies, "rev-parse", "HEAD").strip(),
    }
    bundle = ask("POST", "", new)
    sys.stdout.write(f"bundle {bundle['id']} published: {bundle['digest']}\n")
    sys.stdout.flush()  # the report may take a minute
    sys.stdout.write(ask("POST", f"/{bundle['id']}/report")["text"] + "\n")


def authors(folder: Path, *, since: str) -> list[dict[str, str]]:
    """Of the commits to the folder since a revision, or of all if git does not know it."""
    known = since and git(folder, "cat-file", "-t", since).strip() == "commit"
    commits = [f"{since}..HEAD"] if known else []
    lines = git(folder, "log", "--format=%aN%x00%aE", *commits, "--", ".").splitlines()
    return [dict(zip(("name", "email"), line.split("\0"), strict=True)) for line in sorted(set(lines))]


def git(folder: Path, *arguments: str) -> str:
    """Empty outside of a repository."""
    ran = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return ran.stdout if ran.returncode == 0 else ""


def ask(method: str, path: str, body: Any = None) -> Any:
    """Again with the same key while the server is busy, so that nothing is published twice."""
    headers = {
        "Authorization": f"Bearer {os.environ['COMITY_TOKEN']}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid.uuid4()),
    }
    url = f"{os.environ['COMITY_URL'].rstrip('/')}/api/policies/bundles{path}"
    data = json.dumps(body or {}).encode() if method == "POST" else None
    for tries_left in reversed(range(TRIES)):
        try:
            with urlopen(Request(url, data, headers), timeout=SECONDS) as answer:
                return json.load(answer)
        except HTTPError as error:
            problem = json.load(error)
            if error.code == 503 and tries_left:
                time.sleep(int(error.headers["Retry-After"]))
            else:
                said = [each["message"] for each in problem.get("errors", [])]
                sys.exit("\n".join([f"{problem['detail']} ({problem['code']})", *said]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

#!/usr/bin/env python3
"""Publishes a folder of policies with its cases, and prints the report for whoever approves it.

COMITY_URL is the address of the server, COMITY_TOKEN the token of a policy owner. Needs Python and git, nothing of Comity.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import uuid
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

SECONDS = 120
TRIES = 20
WAIT = 5
PAUSE = 15
AWAY = {429, 502, 503, 504}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("policies", type=Path)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--wait", type=int, metavar="MINUTES", help="until it is put in force or scheduled")
    given = parser.parse_args()
    number = publish(given.policies, given.cases)
    if given.wait is not None:
        sys.stdout.flush()  # the report is read meanwhile
        wait_for(number, given.wait)


def publish(policies: Path, cases: Path) -> int:
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
    return int(bundle["id"])


def wait_for(number: int, minutes: int) -> None:
    """Until people have decided about the bundle. A pipeline that fails then says so in its repository."""
    for _ in range(minutes * 60 // PAUSE + 1):
        state = ask("GET", f"/{number}")["state"]
        if state in ("active", "scheduled"):
            sys.stdout.write(f"bundle {number} is {state}\n")
            return
        if state != "published":
            sys.exit(f"bundle {number} is {state}")
        time.sleep(PAUSE)
    sys.exit(f"bundle {number} waits for an approval")


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
    """Again with the same key while the server is busy or away, so that nothing is published twice."""
    headers = {
        "Authorization": f"Bearer {setting('COMITY_TOKEN')}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid.uuid4()),
    }
    url = f"{setting('COMITY_URL').rstrip('/')}/api/policies/bundles{path}"
    data = json.dumps(body or {}).encode() if method == "POST" else None
    try:
        request = Request(url, data, headers)
    except ValueError as error:
        sys.exit(f"COMITY_URL is no address: {error}")
    for tries_left in reversed(range(TRIES)):
        wait = WAIT
        try:
            with urlopen(request, timeout=SECONDS) as answer:
                return json.load(answer)
        except HTTPError as error:
            said = problem(error)
            if error.code not in AWAY:
                sys.exit(said)
            after = error.headers["Retry-After"] or ""
            wait = int(after) if after.isdigit() else WAIT
        except (OSError, HTTPException, ValueError) as error:  # no connection, or an answer of something else
            said = f"{url} does not answer as Comity does: {error}"
        if tries_left:
            time.sleep(wait)
    sys.exit(said)


def setting(name: str) -> str:
    return os.environ.get(name) or sys.exit(f"set {name}")


def problem(error: HTTPError) -> str:
    """What Comity says is wrong, or the status if something before it answers."""
    try:
        document = json.load(error)
        said = [f"{document['detail']} ({document['code']})"]
        return "\n".join(said + [each["message"] for each in document.get("errors", [])])
    except (ValueError, LookupError, TypeError):
        return f"{error.url} answers {error.code} {error.reason}"


if __name__ == "__main__":
    main()

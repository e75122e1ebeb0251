"""Standalone program: reads an image from standard input and writes it to standard output, re-encoded and without metadata.

Runs with tight resource limits, since image decoders are a common attack target. Imports nothing from Comity. The exit code is
the result; standard error is for the log.
"""

import errno
import os
import resource
import sys

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 10
OUTPUT = 50_000_000

FINE = 0
BROKEN = 10
TOO_MANY_PIXELS = 11
TOO_MUCH_MEMORY = 12
NO_ROOM = 13


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def reencode(kind: str, max_pixels: int) -> int:
    from PIL import Image, ImageOps

    # Checked against the header; lower than the size at which Pillow would warn.
    Image.MAX_IMAGE_PIXELS = None
    format = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}[kind]
    with Image.open(sys.stdin.buffer, formats=[format]) as image:
        if image.width * image.height > max_pixels:
            return TOO_MANY_PIXELS
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        shown = image if image.mode in {"L", "RGB"} else image.convert(_mode(image, kind))
        shown.info = {}
        options = {"jpeg": {"quality": 90}, "png": {}, "webp": {"quality": 90, "method": 2}}[kind]
        shown.save(sys.stdout.buffer, format, **options)
        sys.stdout.buffer.flush()
    return FINE


def _mode(image: object, kind: str) -> str:
    transparent = kind != "jpeg" and getattr(image, "has_transparency_data", False)
    return "RGBA" if transparent else "RGB"


def main() -> int:
    limit()
    try:
        return reencode(sys.argv[1], int(sys.argv[2]))
    except MemoryError:
        return TOO_MUCH_MEMORY
    except Exception as error:  # whatever a decoder raises for a hostile image, the file is broken
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return NO_ROOM if getattr(error, "errno", None) == errno.ENOSPC else BROKEN


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # Not sys.exit, which would flush again after a full disk and exit with another code.
    os._exit(code)

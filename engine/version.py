"""The version of this package."""

from importlib.metadata import PackageNotFoundError, version
from typing import Final


def _installed() -> str:
    try:
        return version("comity")
    except PackageNotFoundError:  # run from a checkout, as servers are
        return "0+checkout"


VERSION: Final = _installed()

"""A number with its noun, for messages."""


def counted(count: int, noun: str) -> str:
    """`counted(1, "file")` is "1 file", and `counted(2000, "file")` is "2,000 files"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

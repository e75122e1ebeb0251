"""`python -m comity`: the command `comity`, for an environment whose scripts are not on the PATH."""

from engine.cli import main

main()

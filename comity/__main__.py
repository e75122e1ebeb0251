"""`python -m comity` is the command `comity`, also where the package is not installed."""

from engine.cli import main

if __name__ == "__main__":
    main()

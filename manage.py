#!/usr/bin/env python
"""Django's command line for Comity."""

import os
import sys

from config.command_line import main

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Standard output is for what a command answers.
    os.environ.setdefault("COMITY_LOG_STREAM", "stderr")
    os.environ.setdefault("COMITY_LOG_LEVEL", "WARNING")
    main(sys.argv)

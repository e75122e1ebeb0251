#!/usr/bin/env python
"""Django's command line for Comity."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["serve"]:
        from config.serving import prepare

        prepare()
    else:
        # Standard output is for what a command answers.
        os.environ.setdefault("COMITY_LOG_STREAM", "stderr")
        os.environ.setdefault("COMITY_LOG_LEVEL", "WARNING")
    execute_from_command_line(sys.argv)

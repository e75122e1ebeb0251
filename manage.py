#!/usr/bin/env python
"""Django's command line for Comity."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["serve"]:
        from config.serving import prepare

        prepare()
    else:
        # Standard output is for what a command answers.
        os.environ.setdefault("COMITY_LOG_STREAM", "stderr")
        os.environ.setdefault("COMITY_LOG_LEVEL", "WARNING")
    from config.command_line import main

    main(sys.argv)

"""The test settings with periodic work that logs each run."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.config.counted_duty.CountedDutyConfig"]

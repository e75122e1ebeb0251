"""The settings of the tests, with a duty that notes each time it is done."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.config.counted_duty.CountedDutyConfig"]

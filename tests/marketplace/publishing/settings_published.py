"""The test settings in an installation that needs no policy of its own. Polls for published bundles are noted."""

from decisions import needs
from tests.settings import *  # noqa: F403

if COMITY_POLICY_SOURCE:  # noqa: F405
    COMITY_POLICY_SOURCE = "tests.marketplace.publishing.polls.NotedBundles"
needs.needed_policies = list

"""The test settings with published bundles, in an installation that needs no policy of its own."""

from decisions import needs
from tests.settings import *  # noqa: F403

COMITY_POLICY_SOURCE = "tests.marketplace.publishing.polls.NotedBundles"
needs.needed_policies = list

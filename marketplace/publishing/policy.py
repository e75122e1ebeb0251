"""The name of the policy that decides about changes of policies, and of the permission that it asks for."""

from typing import Final

POLICY: Final = "policy_change"
MAY_APPROVE: Final = "publishing.approve_publication"
APPROVERS: Final = "Policy approvers"
"""The group with that permission, which a migration creates."""

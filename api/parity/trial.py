"""Runs a comparison in a temporary database."""

from collections.abc import Sequence

from django.test.utils import (
    setup_databases,
    setup_test_environment,
    teardown_databases,
    teardown_test_environment,
)

from api.parity.asking import Ask
from api.parity.comparing import Compared, compare


def compare_apart(asks: Sequence[Ask]) -> Compared:
    """Uses Django's test database; the database of the installation is not touched."""
    setup_test_environment(debug=False)
    try:
        databases = setup_databases(verbosity=0, interactive=False, serialized_aliases=set())
        try:
            return compare(asks)
        finally:
            teardown_databases(databases, verbosity=0)
    finally:
        teardown_test_environment()

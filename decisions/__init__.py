"""The one door from Django to the engine: the bundle in force, decide(), the record of what was decided."""

from typing import TYPE_CHECKING, Any

from decisions.bundles import BundleUnavailable

if TYPE_CHECKING:
    from decisions.records import Subject
    from decisions.services import Denied, decide, decide_on_record, foresee

__all__ = ["BundleUnavailable", "Denied", "Subject", "decide", "decide_on_record", "foresee"]


def __getattr__(name: str) -> Any:
    # The door needs the record's model, and Django imports this package before any model may be loaded.
    if name in __all__:
        from decisions import services

        return getattr(services, name)
    raise AttributeError(name)

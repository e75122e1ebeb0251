"""The interface between Django and the engine: the bundle in force, decide(), and decision records."""

from typing import TYPE_CHECKING, Any

from decisions.bundles import BundleUnavailable

if TYPE_CHECKING:
    from decisions.records import Subject
    from decisions.services import Denied, decide, decide_on_record, foresee

__all__ = ["BundleUnavailable", "Denied", "Subject", "decide", "decide_on_record", "foresee"]


def __getattr__(name: str) -> Any:
    # Imported lazily: it needs the record model, and Django imports this package before models can be loaded.
    if name in __all__:
        from decisions import services

        return getattr(services, name)
    raise AttributeError(name)

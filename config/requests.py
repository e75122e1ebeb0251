"""Requests as the server reads them, whatever stands in their headers."""

from typing import Any, Final

from django.core.handlers.wsgi import WSGIRequest

UNREADABLE: Final = (LookupError, TypeError, ValueError)
"""What Django's reader of header parameters raises, such as for `charset*=nonsense''x`."""


class Request(WSGIRequest):
    """A Content-Type that cannot be read is of no type that any operation takes. Django reads it before any middleware
    could answer, so that its caller would get a bare 500."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except UNREADABLE:
            self.content_type, self.content_params = "unreadable", {}

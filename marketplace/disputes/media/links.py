"""Links to media that work for a minute and for whoever holds them."""

from typing import Final

from django.core.signing import BadSignature, TimestampSigner

from marketplace.disputes.models import Media
from marketplace.disputes.retention.keeping import keeps_media
from marketplace.disputes.states import MediaState

SECONDS: Final = 60
_SALT: Final = "disputes.media-link"


def sign_link(media: Media) -> str | None:
    """The token of a link, for media that may be shown while its dispute `keeps_media`."""
    return TimestampSigner(salt=_SALT).sign_object(media.pk) if media.state == MediaState.LIVE else None


def follow_link(media_id: int, token: str) -> Media:
    """Raises Media.DoesNotExist for a link that is forged, for other media, too old, or to what is not shown
    any more."""
    try:
        signed = TimestampSigner(salt=_SALT).unsign_object(token, max_age=SECONDS)
    except BadSignature:
        raise Media.DoesNotExist from None
    if signed != media_id:
        raise Media.DoesNotExist
    media = Media.objects.select_related("dispute").get(pk=media_id, state=MediaState.LIVE)
    if not keeps_media(media.dispute):
        raise Media.DoesNotExist
    return media

"""Signed links to media, valid for one minute and for anybody who has them."""

from typing import Final

from django.core.signing import BadSignature, TimestampSigner

from marketplace.disputes.models import Media
from marketplace.disputes.retention.keeping import keeps_media
from marketplace.disputes.states import MediaState

SECONDS: Final = 60
_SALT: Final = "disputes.media-link"


def sign_link(media: Media) -> str | None:
    """The token of a link. Call it only for media that may be shown (`keeps_media`)."""
    return TimestampSigner(salt=_SALT).sign_object(media.pk) if media.state == MediaState.LIVE else None


def follow_link(media_id: int, token: str) -> Media:
    """Raises Media.DoesNotExist if the link is forged, expired or for other media, or if the media is no longer shown."""
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

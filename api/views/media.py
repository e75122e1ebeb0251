"""Media of disputes: upload, metadata, and the file itself behind a signed link."""

from typing import Any

from django.http import FileResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.admission import Access
from api.contract.disputes import MediaBody
from api.envelope import BYTES, accepts
from api.idempotency import recognize_file
from api.pagination import list_page
from api.throttle import enforce_rate
from api.uploads import MULTIPART, UPLOAD_LIMIT, expect_upload, receive_upload
from api.views.base import ApiView
from marketplace.disputes.media.links import follow_link, sign_link
from marketplace.disputes.media.serving import HARMLESS, open_media
from marketplace.disputes.media.uploading import upload_media
from marketplace.disputes.models import Media
from marketplace.disputes.queries import access_dispute, access_media, media_of
from marketplace.disputes.retention.keeping import keeps_media
from marketplace.disputes.states import MediaState


def render_media(media: Media, *, kept: bool) -> dict[str, Any]:
    """Expired media is shown as doomed even if the sweep has not reached it yet."""
    state = media.state if kept or media.state == MediaState.PURGED else MediaState.DOOMED
    token = sign_link(media) if kept else None
    url = f"/api/v1/media/{media.pk}/content?token={token}" if token else None
    return MediaBody.render(
        {"id": media.pk, "state": state, "kind": media.kind, "size": media.size, "url": url}
    )


class DisputeMediaView(ApiView):
    body_limit = UPLOAD_LIMIT
    body_type = MULTIPART

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        expect_upload(request._request)
        super().initial(request, *args, **kwargs)

    def get(self, request: Request, dispute_id: int) -> Response:
        dispute = access_dispute(self.caller, dispute_id)
        kept = keeps_media(dispute)
        return Response(
            list_page(
                request, media_of(dispute), lambda rows: [render_media(media, kept=kept) for media in rows]
            )
        )

    def post(self, request: Request, dispute_id: int) -> Response:
        enforce_rate("upload", str(self.caller.pk))
        with receive_upload(request._request) as upload:
            recognize_file(upload.content, upload.name)
            media = upload_media(actor=self.caller, dispute_id=dispute_id, upload=upload, now=timezone.now())
        return Response(render_media(media, kept=True), status=201)


class MediaView(ApiView):
    def get(self, request: Request, media_id: int) -> Response:
        media = access_media(self.caller, media_id)
        return Response(render_media(media, kept=keeps_media(media.dispute)))


class MediaContentView(ApiView):
    """The link itself grants access: a browser sends no token with an image. Clients without images may accept plain bytes."""

    access = Access.UNASKED
    answer_type = None

    def get(self, request: Request, media_id: int) -> FileResponse:
        media = follow_link(media_id, request.GET.get("token", ""))
        content = open_media(media)
        is_plain = accepts(request, BYTES) and not accepts(request, content.media_type)
        return FileResponse(
            content.file,
            as_attachment=True,
            filename=content.name,
            content_type=BYTES if is_plain else content.media_type,
            headers=HARMLESS,
        )

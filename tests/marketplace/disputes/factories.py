"""Disputes and files for tests, created with the real services."""

import io
import tempfile
from datetime import datetime, timedelta

from PIL import Image

from marketplace.accounts.models import User
from marketplace.disputes.media.kinds import HEAD, tell_kind
from marketplace.disputes.media.preparing import Upload
from marketplace.disputes.media.uploading import upload_media
from marketplace.disputes.models import Dispute, Media
from marketplace.disputes.services import close_dispute, open_dispute
from marketplace.orders.models import Order
from tests.marketplace.factories import NOW

DAYS_90 = timedelta(days=90)
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def make_dispute(sale: Order, *, now: datetime = NOW) -> Dispute:
    return open_dispute(actor=sale.buyer, order_id=sale.pk, text="It arrived broken.", now=now)


def make_image(format: str = "PNG", size: tuple[int, int] = (24, 16), **options: object) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, (180, 40, 40)).save(target, format, **options)
    return target.getvalue()


def make_upload(content: bytes, name: str) -> Upload:
    """As the API receives one. The file is deleted when the test drops it."""
    received = tempfile.TemporaryFile()  # noqa: SIM115
    received.write(content)
    return Upload(received, tell_kind(content[:HEAD], name), name)


def add_media(
    dispute: Dispute, uploader: User, *, content: bytes = PDF, name: str = "receipt.pdf", now: datetime = NOW
) -> Media:
    upload = make_upload(content, name)
    with upload.content:
        return upload_media(actor=uploader, dispute_id=dispute.pk, upload=upload, now=now)


def close(dispute: Dispute, agent: User, *, now: datetime = NOW) -> Dispute:
    return close_dispute(actor=agent, dispute_id=dispute.pk, reason="Settled.", now=now)

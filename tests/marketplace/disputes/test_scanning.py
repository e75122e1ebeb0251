"""With a scanner, files are hidden until it has passed them."""

import pytest
from django.core.management import call_command

from marketplace.disputes.media.links import sign_link
from marketplace.disputes.models import Media
from tests.marketplace.disputes import clamd
from tests.marketplace.disputes.clamd import EICAR
from tests.marketplace.disputes.factories import DAYS_90, PDF, add_media, close
from tests.marketplace.disputes.sweeps import sweep_at
from tests.marketplace.factories import NOW

pytestmark = pytest.mark.django_db
INFECTED = PDF.replace(b"endobj", EICAR + b"\nendobj")
NOBODY = "tcp://127.0.0.1:1"


@pytest.fixture
def scanner(settings):
    with clamd.running() as address:
        settings.COMITY_SCANNER = address
        yield address


def test_clean_file_is_shown(scanner, dispute, bea):
    media = add_media(dispute, bea)
    assert (media.state, media.threat, media.scanned_at) == ("live", "", NOW)


def test_test_virus_stays_quarantined(scanner, dispute, bea):
    media = add_media(dispute, bea, content=INFECTED)
    assert (media.state, media.threat) == ("quarantined", "Eicar-Test-Signature")
    assert sign_link(media) is None


def test_nothing_is_shown_while_the_scanner_is_silent_and_it_is_asked_again(settings, dispute, bea, capsys):
    settings.COMITY_SCANNER = NOBODY
    clean, infected = add_media(dispute, bea), add_media(dispute, bea, content=INFECTED)
    assert set(Media.objects.values_list("state", "scanned_at")) == {("quarantined", None)}
    with clamd.running() as address:
        settings.COMITY_SCANNER = address
        call_command("scan_media")
    said = capsys.readouterr().out
    assert f"media {clean.pk}: clean" in said and f"media {infected.pk}: stays quarantined" in said
    assert list(Media.objects.order_by("pk").values_list("state", flat=True)) == ["live", "quarantined"]


def test_quarantined_media_goes_with_its_dispute(scanner, dispute, bea, ada):
    add_media(dispute, bea, content=INFECTED)
    close(dispute, ada)
    assert len(sweep_at(NOW + DAYS_90).deleted) == 1


def test_without_a_scanner_media_is_shown(media):
    assert (media.state, media.scanned_at) == ("live", None)

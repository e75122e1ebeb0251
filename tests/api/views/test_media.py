"""Dispute files over HTTP: upload, metadata, and download by a link that is valid for one minute."""

import errno
import os
import resource
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from django.core import signing

from marketplace.accounts.models import Role
from marketplace.disputes.models import Dispute, Media
from marketplace.disputes.storage.store import StorageUnavailable, open_store
from tests.api.callers import Caller, make_caller, problem_of, refusal_of
from tests.api.forms import FORM, part, send_form, send_raw
from tests.api.forms import send_file as send
from tests.api.hostile_files import PDF, Hostile, hostile_files, image
from tests.evidence import files_in, local_evidence
from tests.memory import growth
from tests.sampling import sample

HOSTILE = list(hostile_files())
MOST_GROWTH = 64 * 2**20


@pytest.fixture(autouse=True)
def evidence(request: pytest.FixtureRequest, tmp_path: Path, settings: Any, _django_db_marker: None) -> Path:
    settings.COMITY_THROTTLES = {**settings.COMITY_THROTTLES, "upload": "1000/min"}
    return local_evidence(request, settings, tmp_path / "evidence")


@pytest.fixture
def agent(db: None) -> Caller:
    return make_caller("ada", Role.AGENT)


@pytest.fixture
def media_path(buyer: Caller, sold: dict[str, Any]) -> str:
    dispute = buyer.post("/api/v1/disputes", {"order_id": sold["id"], "text": "It arrived broken."}).json()
    return f"/api/v1/disputes/{dispute['id']}/media"


def test_file_is_answered_with_its_link(buyer: Caller, media_path: str) -> None:
    response = send(buyer, media_path, PDF, "receipt.pdf")

    shown = response.json()
    saved = Media.objects.get()
    assert response.status_code == 201
    assert {**shown, "url": None} == {
        "id": saved.pk,
        "state": "live",
        "kind": "pdf",
        "size": len(PDF),
        "url": None,
    }
    assert (
        buyer.get(f"/api/v1/media/{saved.pk}").json()["url"].startswith(f"/api/v1/media/{saved.pk}/content?")
    )


def test_file_behind_the_link_is_saved_and_never_shown_in_a_page(
    buyer: Caller, anonymous: Caller, media_path: str
) -> None:
    url = send(buyer, media_path, PDF, 'my "own" файл.pdf').json()["url"]

    response = anonymous.get(url, Accept="image/*")

    assert (response.status_code, b"".join(response.streaming_content)) == (200, PDF)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Length"] == str(len(PDF))
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''my%20%22own%22")
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("accepted", "content_type"),
    [
        ("application/octet-stream", "application/octet-stream"),
        ("application/octet-stream, application/pdf", "application/pdf"),
        ("*/*", "application/pdf"),
    ],
)
def test_file_comes_as_plain_bytes_for_who_accepts_nothing_else(
    buyer: Caller, anonymous: Caller, media_path: str, accepted: str, content_type: str
) -> None:
    url = send(buyer, media_path, PDF, "receipt.pdf").json()["url"]

    response = anonymous.get(url, Accept=accepted)

    assert (b"".join(response.streaming_content), response["Content-Type"]) == (PDF, content_type)


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (62, 404)])
def test_link_lives_a_minute(
    buyer: Caller, anonymous: Caller, media_path: str, monkeypatch: Any, seconds: int, status: int
) -> None:
    url = send(buyer, media_path, PDF, "receipt.pdf").json()["url"]
    now = signing.time.time()

    monkeypatch.setattr(signing.time, "time", lambda: now + seconds)

    response = anonymous.get(url)
    response.close()
    assert response.status_code == status


def test_forged_link_is_answered_as_unknown_media(buyer: Caller, anonymous: Caller, media_path: str) -> None:
    first, second = (send(buyer, media_path, PDF, "receipt.pdf").json() for _ in range(2))
    stolen = first["url"].replace(f"/{first['id']}/", f"/{second['id']}/")
    for url in (
        first["url"][:-1],
        stolen,
        f"/api/v1/media/{first['id']}/content",
        "/api/v1/media/999/content",
    ):
        assert refusal_of(anonymous.get(url)) == (404, "not-found")


def test_media_that_is_not_shown_has_no_link(buyer: Caller, anonymous: Caller, media_path: str) -> None:
    shown = send(buyer, media_path, PDF, "receipt.pdf").json()
    dispute = Dispute.objects.get()
    Dispute.objects.filter(pk=dispute.pk).update(
        status="closed",
        closed_at=dispute.opened_at,
        retain_until=dispute.opened_at,
        purge_started_at=dispute.opened_at,
    )
    Media.objects.update(state="doomed", doom_rule="time-is-up")

    assert buyer.get(f"/api/v1/media/{shown['id']}").json() == {**shown, "state": "doomed", "url": None}
    assert refusal_of(anonymous.get(shown["url"])) == (404, "not-found")


def test_media_is_listed_for_parties_and_agents_in_three_queries(
    buyer: Caller, seller: Caller, agent: Caller, media_path: str, django_assert_num_queries: Any
) -> None:
    sent = [send(caller, media_path, PDF, "a.pdf").json()["id"] for caller in (buyer, seller, agent)]
    for caller in (buyer, seller, agent):
        with django_assert_num_queries(3):
            response = caller.get(media_path)
        assert [item["id"] for item in response.json()["items"]] == sent


def test_foreign_media_is_answered_as_unknown(buyer: Caller, other_buyer: Caller, media_path: str) -> None:
    media = send(buyer, media_path, PDF, "a.pdf").json()
    foreign, unknown = (other_buyer.get(f"/api/v1/media/{i}") for i in (media["id"], 999_999))
    assert refusal_of(foreign) == (404, "not-found")
    assert foreign.content == unknown.content
    foreign, unknown = (
        send(other_buyer, path, image("PNG"), "a.png")
        for path in (media_path, "/api/v1/disputes/999999/media")
    )
    assert refusal_of(foreign) == (404, "not-found")
    assert foreign.content == unknown.content


@pytest.mark.parametrize(
    "hostile",
    sample(HOSTILE, every=10),
    ids=lambda hostile: f"{hostile.name[:20]}-{hostile.code}".replace("\0", "0"),
)
def test_hostile_file_is_refused_and_nothing_of_it_kept(
    buyer: Caller, media_path: str, evidence: Path, hostile: Hostile
) -> None:
    before = largest(resource.RUSAGE_CHILDREN)
    with growth() as measured:
        response = send(buyer, media_path, hostile.content, hostile.name)

    assert refusal_of(response) == (response.status_code, hostile.code)
    assert measured.bytes < MOST_GROWTH
    assert 400 <= response.status_code < 500
    assert (Media.objects.count(), files_in(evidence), Dispute.objects.get().media_count) == (0, [], 0)
    # Other tests may have started larger programs than the decoders, and each starts as a copy of this process.
    assert largest(resource.RUSAGE_CHILDREN) <= max(before, largest(resource.RUSAGE_SELF), 512 * 1024)


def largest(who: int) -> int:
    """The maximum in KB of this process, or of all its children."""
    return resource.getrusage(who).ru_maxrss


def test_there_are_sixty_hostile_files_and_more() -> None:
    assert len(HOSTILE) >= 60
    assert len({(hostile.name, hostile.content) for hostile in HOSTILE}) == len(HOSTILE)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/receipt.pdf", "receipt.pdf"),
        ("C:\\temp\\receipt.pdf", "receipt.pdf"),
        ("rec\0eipt.pdf", "receipt.pdf"),
        ("x" * 300 + ".pdf", "x" * 96 + ".pdf"),
        ("<img src=x onerror=alert(1)>.pdf", "<img src=x onerror=alert(1)>.pdf"),
        ("fdp.\u202egnp.pdf", "fdp.gnp.pdf"),
        ("  spaced   out .pdf", "spaced out .pdf"),
    ],
)
def test_name_becomes_a_label_and_never_a_path(
    buyer: Caller, media_path: str, evidence: Path, admin_client: Any, name: str, label: str
) -> None:
    assert send(buyer, media_path, PDF, name).status_code == 201

    media = Media.objects.get()
    assert media.label == label
    assert files_in(evidence) == [evidence / media.key]
    assert "<img src=x" not in admin_client.get(f"/admin/disputes/media/{media.pk}/change/").text


def test_polyglot_image_is_made_anew(buyer: Caller, anonymous: Caller, media_path: str) -> None:
    polyglot = image("PNG") + b"<script>alert(1)</script>"
    url = send(buyer, media_path, polyglot, "a.png").json()["url"]

    content = b"".join(anonymous.get(url).streaming_content)

    assert b"script" not in content and content.endswith(b"IEND\xaeB`\x82")


@pytest.mark.parametrize(
    "parts",
    [
        [part("other", PDF, "a.pdf")],
        [part("file", b"just text")],
        [part("file", PDF, "a.pdf"), part("more", b"text")],
        [part("file", PDF, "a.pdf"), part("file", PDF, "b.pdf")],
        [],
    ],
    ids=["other field", "text", "file and text", "two files", "nothing"],
)
def test_body_is_one_file_and_nothing_else(buyer: Caller, media_path: str, parts: list[bytes]) -> None:
    response = send_form(buyer, media_path, *parts)

    assert refusal_of(response) == (422, "invalid-request")
    assert problem_of(response)["errors"][0]["pointer"] == "/file"
    assert Media.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "content_type", "refusal"),
    [
        (b"{}", "application/json", (415, "unsupported-media-type")),
        (PDF, "application/pdf", (415, "unsupported-media-type")),
        (b"x", "multipart/form-data", (400, "bad-request")),
        (b"x", "multipart/form-data; boundary=", (400, "bad-request")),
        (b"\x1f\x8b\x08" + b"\0" * 50, FORM, (422, "invalid-request")),
        (b"--between\r\n" * 5_000, FORM, (400, "bad-request")),
        (part("file", PDF, "a.pdf"), FORM, (422, "invalid-request")),
    ],
    ids=["json", "pdf", "no boundary", "empty boundary", "gzip", "boundaries", "cut off"],
)
def test_body_that_is_no_form_is_refused(
    buyer: Caller, media_path: str, content: bytes, content_type: str, refusal: tuple[int, str]
) -> None:
    assert refusal_of(send_raw(buyer, media_path, content, content_type)) == refusal


def test_body_that_claims_too_much_is_not_even_read(buyer: Caller, media_path: str) -> None:
    response = send_raw(buyer, media_path, b"", FORM, CONTENT_LENGTH="60000000")
    assert refusal_of(response) == (413, "body-too-large")


def test_storage_that_does_not_answer_is_a_clean_503(
    buyer: Caller, media_path: str, monkeypatch: Any
) -> None:
    url = send(buyer, media_path, PDF, "a.pdf").json()["url"]

    def fail(*_: Any, **__: Any) -> None:
        raise StorageUnavailable

    for name in ("put", "fetch"):
        monkeypatch.setattr(type(open_store()), name, fail)
    for response in (send(buyer, media_path, PDF, "b.pdf"), buyer.get(url)):
        assert refusal_of(response) == (503, "storage-unavailable")
        assert response["Retry-After"] == "2"
    assert sorted(Media.objects.values_list("state", flat=True)) == ["doomed", "live"]


def test_evidence_volume_that_is_gone_is_a_clean_503_until_it_is_back(
    buyer: Caller, media_path: str, evidence: Path
) -> None:
    url = send(buyer, media_path, PDF, "a.pdf").json()["url"]
    away = evidence.rename(evidence.with_name("unmounted"))

    for response in (send(buyer, media_path, PDF, "b.pdf"), buyer.get(url)):
        assert refusal_of(response) == (503, "storage-unavailable")
        assert response["Retry-After"] == "2"
    assert not evidence.exists()

    away.rename(evidence)
    assert b"".join(buyer.get(url).streaming_content) == PDF
    assert send(buyer, media_path, PDF, "b.pdf").status_code == 201


def test_full_disk_is_a_clean_503_and_leaves_no_file(
    buyer: Caller, media_path: str, evidence: Path, monkeypatch: Any
) -> None:
    def fill(content: BinaryIO, target: BinaryIO) -> None:
        target.write(content.read(5))
        target.flush()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr("marketplace.disputes.storage.files.shutil.copyfileobj", fill)
        refused = send(buyer, media_path, PDF, "a.pdf", key="one")
    assert (refusal_of(refused), refused["Retry-After"]) == ((503, "storage-unavailable"), "2")
    assert files_in(evidence) == []
    assert send(buyer, media_path, PDF, "a.pdf", key="two").status_code == 201


@pytest.mark.parametrize("late", [False, True])
def test_what_may_go_is_neither_listed_nor_downloaded_nor_reopened(
    buyer: Caller, agent: Caller, media_path: str, monkeypatch: Any, late: bool
) -> None:
    shown = send(buyer, media_path, PDF, "a.pdf").json()
    path = media_path.removesuffix("/media")
    assert agent.post(f"{path}/close", {"reason": "Settled."}).status_code == 200
    moment = Dispute.objects.get().retain_until - timedelta(seconds=0 if late else 1)
    for module in ("marketplace.disputes.retention.clock", "api.views.disputes"):
        monkeypatch.setattr(f"{module}.database_now", lambda: moment)

    [listed] = buyer.get(media_path).json()["items"]
    one = buyer.get(f"/api/v1/media/{shown['id']}").json()
    download = buyer.get(shown["url"])
    reopened = buyer.post(f"{path}/reopen", {"reason": "Again."})

    download.close()
    if late:
        assert [listed, one] == [{**shown, "state": "doomed", "url": None}] * 2
        assert refusal_of(download) == (404, "not-found")
        assert refusal_of(reopened) == (409, "media-gone")
    else:
        assert [(body["state"], bool(body["url"])) for body in (listed, one)] == [("live", True)] * 2
        assert (download.status_code, reopened.status_code) == (200, 200)


def test_uploads_have_a_separate_rate_limit(buyer: Caller, media_path: str, settings: Any) -> None:
    settings.COMITY_THROTTLES = {**settings.COMITY_THROTTLES, "upload": "1/hour"}
    assert send(buyer, media_path, PDF, "a.pdf").status_code == 201
    assert refusal_of(send(buyer, media_path, PDF, "a.pdf")) == (429, "throttled")


def test_session_needs_its_csrf_token_and_the_file_is_still_received_with_care(
    buyer: Caller, media_path: str
) -> None:
    browser = Caller(buyer.user)
    browser.client.force_login(buyer.user)
    assert refusal_of(send(browser, media_path, PDF, "a.pdf")) == (403, "csrf-failed")

    browser.client.cookies["csrftoken"] = token = "t" * 32
    form = part("file", PDF, "a.pdf") + b"--between--\r\n"
    sent = browser.client.generic("POST", media_path, form, FORM, headers={"X-CSRFToken": token})
    assert (sent.status_code, sent.json()["state"]) == (201, "live")


LONG_NAMES = {
    "letters": "r" * 3_000 + ".pdf",
    "letters of others": "я" * 600 + ".pdf",
    "emoji": "🪑" * 1_000 + ".pdf",
    "percent": "%41" * 1_000 + ".pdf",
    "folders": "a/" * 1_500 + "receipt.pdf",
}


@pytest.mark.parametrize("name", LONG_NAMES.values(), ids=LONG_NAMES)
def test_long_name_is_refused_in_a_sentence(name: str, buyer: Caller, media_path: str) -> None:
    problem = problem_of(send(buyer, media_path, PDF, name))

    assert (problem["status"], problem["code"]) == (422, "invalid-request")
    assert problem["errors"] == [
        {
            "pointer": "/file",
            "message": "The headers of a file, which include its name, may have at most 1024 bytes",
        }
    ]


@pytest.mark.parametrize("length", [255, 256, 900])
def test_name_that_fits_is_taken(length: int, buyer: Caller, media_path: str) -> None:
    assert send(buyer, media_path, PDF, "r" * (length - 4) + ".pdf").status_code == 201


def test_form_with_too_many_files_is_refused(buyer: Caller, media_path: str) -> None:
    problem = problem_of(send_form(buyer, media_path, *[part("file", PDF, "receipt.pdf")] * 101))

    assert (problem["status"], problem["errors"][0]["pointer"]) == (422, "/file")


def test_form_that_cannot_be_read_says_so(buyer: Caller, media_path: str) -> None:
    problem = problem_of(send_raw(buyer, media_path, b"--x", "multipart/form-data; boundary=\u00e9"))

    assert (problem["code"], problem["detail"]) == ("bad-request", "The multipart body could not be parsed.")

"""Publishing from the console: an owner edits a file, uploads it, and somebody else brings it into force and back."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from decisions.models import DecisionRecord
from marketplace.publishing.checking import CHECKING
from marketplace.publishing.models import Publication
from marketplace.publishing.queries import active
from marketplace.publishing.standing import texts_of
from tests.console.test_changes import LIST, as_, take, text_of
from tests.marketplace.publishing.bundle import CASES, FEES

pytestmark = pytest.mark.full_on("postgresql")  # tests/marketplace/publishing is about the database

PAGE = f"{LIST}/publish"


@pytest.fixture(autouse=True)
def cases_dir(folder, settings):
    settings.COMITY_CASES_DIR = folder / "cases"


def file(name: str, text: str | bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def publish(client: Client, rest: str, **files):
    """Submits the form as the page shows it, and follows."""
    token = client.get(PAGE).context["csrf_token"]
    return client.post(PAGE, {"csrfmiddlewaretoken": str(token), "rest": rest, **files}, follow=True)


def test_owner_changes_a_parameter_and_takes_it_back_on_pages_alone(first, ann, carl, follows_bundles):
    owner = as_(ann)
    assert PAGE in owner.get(LIST).text
    link = "/console/policies/fees/text"
    assert link in owner.get("/console/policies/fees").text
    download = owner.get(link)
    assert (download.text, download.headers["Content-Disposition"]) == (
        FEES,
        'attachment; filename="fees.yaml"',
    )

    page = publish(owner, str(first.pk), policies=file("fees.yaml", FEES.replace("value: 100", "value: 200")))

    second = Publication.objects.latest("pk")
    assert page.redirect_chain == [(f"{LIST}/{second.pk}", 302)]
    assert f"You published bundle {second.pk}." in text_of(page)
    before, after = texts_of(first), texts_of(second)
    assert {name for name in before | after if before.get(name) != after.get(name)} == {"fees.yaml"}
    assert [author.user for author in second.authors.all()] == [ann]
    assert "value was 100 , and is 200" in text_of(take(carl, second, "compare"))
    take(carl, second, "approve")
    assert "is in force" in text_of(take(ann, second, "activate"))
    assert f"from bundle {second.pk} , in force since 20" in text_of(owner.get("/console/"))
    assert "is in force again" in text_of(take(ann, second, "roll_back"))
    assert active().publication == first
    rules = list(DecisionRecord.objects.order_by("pk").values_list("rule", flat=True))
    assert rules[-4:] == ["publish-allowed", "approve-allowed", "activate-allowed", "roll-back-allowed"]


def test_folder_is_published_as_it_is(shop, ann):
    shop.edit("value: 100", "value: 150")
    page = publish(as_(ann), "folder")
    assert texts_of(Publication.objects.get()) == shop.texts()
    assert "You published bundle" in text_of(page)


def test_uploads_replace_files_of_the_folder(shop, ann):
    (shop.folder / "cases" / "more").mkdir()
    (shop.folder / "cases" / "fees.yaml").rename(shop.folder / "cases" / "more" / "fees.yaml")
    more = CASES.replace("name: small", "name: little")
    publish(as_(ann), "folder", cases=[file("fees.yaml", more), file("new.yaml", CASES)])
    texts = texts_of(Publication.objects.get())
    assert texts == shop.texts() | {"cases/more/fees.yaml": more, "cases/new.yaml": CASES}


def test_bundle_of_uploads_alone(shop, ann):
    names = ("fees.yaml", "policy_change.yaml")
    publish(as_(ann), "none", policies=[file(name, shop.texts()[name]) for name in names])
    assert texts_of(Publication.objects.get()) == {name: shop.texts()[name] for name in names}


def test_problems_are_told_with_their_places_and_nothing_is_stored(first, ann):
    wrong = FEES.replace("amount <= limit", "amont <= limit")
    page = publish(as_(ann), str(first.pk), policies=file("fees.yaml", wrong))
    assert page.status_code == 422
    assert "policies/fees.yaml:11 unknown name amont - {id: small" in text_of(page)
    assert "did you mean amount ?" in text_of(page)
    assert list(Publication.objects.all()) == [first]


@pytest.mark.parametrize(
    ("rest", "files", "status", "said"),
    [
        ("1", {}, 422, "Choose the files that you edited."),
        ("", {"policies": file("fees.yaml", FEES)}, 422, "Choose where the other files come from."),
        ("none", {"policies": file("fees.yaml", FEES)}, 422, "policy_change is missing"),
        ("folder", {"policies": file("fees.yaml", b"\xff")}, 422, "fees.yaml is not UTF-8 text."),
        ("folder", {"policies": file("fees.txt", FEES)}, 422, "this is no file of a bundle"),
        ("folder", {"cases": [file("a.yaml", CASES), file("a.yaml", CASES)]}, 422, "Two files are called a.yaml."),
        ("folder", {"policies": file("fees.yaml", "#" * 1024 * 1024)}, 422, "All files together may have 1,024 KB."),
    ],
)  # fmt: skip
def test_upload_that_is_no_bundle(shop, ann, rest, files, status, said):
    page = publish(as_(ann), rest, **files)
    assert (page.status_code, said in text_of(page)) == (status, True)
    assert not Publication.objects.exists()


def test_cases_of_one_name_in_two_folders_are_not_guessed(shop, ann):
    for folder in ("a", "b"):
        (shop.folder / "cases" / folder).mkdir()
        (shop.folder / "cases" / folder / "x.yaml").write_text(CASES)
    page = publish(as_(ann), "folder", cases=file("x.yaml", CASES))
    assert (page.status_code, "Several files of cases are called x.yaml" in text_of(page)) == (422, True)


def test_large_upload_never_reaches_a_temporary_file(first, ann, monkeypatch):
    monkeypatch.setattr("tempfile.NamedTemporaryFile", None)
    page = publish(as_(ann), str(first.pk), policies=file("fees.yaml", "#" * 3 * 1024 * 1024))
    assert page.status_code == 422


def test_who_may_not_publish_sees_no_form_and_is_refused(first, carl):
    client = as_(carl)
    assert PAGE not in client.get(LIST).text
    page = client.get(PAGE)
    assert ('name="policies"' in page.text, "Only a policy owner can publish policies." in page.text) == (
        False,
        True,
    )
    refused = publish(client, str(first.pk), policies=file("fees.yaml", FEES))
    assert (refused.status_code, DecisionRecord.objects.latest("pk").rule) == (403, "not-a-publisher")
    assert list(Publication.objects.all()) == [first]


def test_form_without_its_token_is_refused(first, ann):
    answer = as_(ann).post(PAGE, {"rest": str(first.pk), "policies": file("fees.yaml", FEES)})
    assert (answer.status_code, list(Publication.objects.all())) == (403, [first])


def test_process_that_is_checking_says_so(first, ann):
    with CHECKING:
        page = publish(as_(ann), str(first.pk), policies=file("fees.yaml", FEES))
    assert (page.status_code, "Another bundle is being checked" in text_of(page)) == (503, True)


def test_files_in_force_can_be_downloaded(shop, ann):
    def unzipped() -> dict[str, str]:
        archive = zipfile.ZipFile(io.BytesIO(as_(ann).get(f"{LIST}/files").content))
        return {name: archive.read(name).decode() for name in archive.namelist()}

    wanted = {name if "/" in name else f"policies/{name}": text for name, text in shop.texts().items()}
    assert unzipped() == wanted
    shop.put_in_force()
    shop.edit("value: 100", "value: 150")
    assert unzipped() == wanted

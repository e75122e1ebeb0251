"""Publishes the files that somebody edited, together with the rest of a bundle or of the policy folder."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from console.access import for_bundle_readers
from console.changes import base_or_problem, find_publication
from console.submitted import Unread, told
from decisions import Denied, conf
from decisions.texts import TextUnavailable
from documents.diagnostics import Diagnostic
from marketplace.accounts.models import User
from marketplace.errors import Refused
from marketplace.publishing import services
from marketplace.publishing.checking import ChecksBusy, one_at_a_time
from marketplace.publishing.files import CASES, FOLDER, BundleRefused, Texts
from marketplace.publishing.git import authors_of, revision_of
from marketplace.publishing.models import Publication
from marketplace.publishing.offers import offer_to_publish
from marketplace.publishing.queries import active
from marketplace.publishing.standing import folder_texts, texts_of

FROM_FOLDER: Final = "folder"
NOTHING_ELSE: Final = "none"
UPLOADS: Final[Mapping[str, str]] = {"policies": "", "cases": f"{CASES}/"}
"""The fields of the form, and how the names of their files begin in a bundle."""


def form(request: HttpRequest, user: User) -> HttpResponse:
    now = timezone.now()
    base, broken = base_or_problem()
    activation = active()
    in_force = activation.publication if activation else None
    problems: tuple[Diagnostic, ...] = ()
    problem, status = "", 200
    if request.method == "POST":
        try:
            publication = _publish(request, user, in_force, now)
        except BundleRefused as refused:
            problems, status = refused.problems, 422
        except (Unread, Denied, Refused, ChecksBusy, TextUnavailable) as error:
            problem, status = told(error)
        else:
            messages.success(request, f"You published bundle {publication.pk}.")
            return redirect("console:changes-one", number=publication.pk)
    return render(request, "console/publish.html", {
        "offer": offer_to_publish(base, actor=user, now=now) if base else None,
        "broken": broken,
        "problem": problem,
        "problems": problems,
        "in_force": in_force,
        "has_folder": conf.policies_dir().is_dir(),
        "chosen": request.POST.get("rest", ""),
    }, status=status)  # fmt: skip


publish = require_http_methods(["GET", "HEAD", "POST"])(for_bundle_readers(form))


@require_safe
@for_bundle_readers
def standing_files(request: HttpRequest, user: User) -> HttpResponse:
    """What is in force, as a ZIP file: the published bundle, or else the policy folder with its cases."""
    in_force = active()
    try:
        texts = texts_of(in_force.publication) if in_force else folder_texts()
    except (BundleRefused, TextUnavailable) as error:
        problem, status = told(error)
        return render(request, "console/publish.html", {"problem": problem}, status=status)
    name = f"bundle-{in_force.publication_id}" if in_force else FOLDER
    return HttpResponse(_zipped(texts), "application/zip", headers=_attachment(f"{name}.zip"))


def _zipped(texts: Texts) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(texts.items()):
            archive.writestr(name if name.startswith(f"{CASES}/") else f"{FOLDER}/{name}", text)
    return written.getvalue()


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _publish(request: HttpRequest, user: User, in_force: Publication | None, now: datetime) -> Publication:
    edited, rest = _edited(request), request.POST.get("rest", "")
    git: dict[str, Any] = {}
    if rest == FROM_FOLDER:
        texts, folder = folder_texts(), conf.policies_dir()
        git["git_authors"] = authors_of(folder, since=in_force.revision if in_force else "")
        git["revision"] = "" if edited["policies"] or edited["cases"] else revision_of(folder)
    elif not any(edited.values()):
        raise Unread("Choose the files that you edited.")
    elif rest == NOTHING_ELSE:
        texts = {}
    elif rest:
        texts = dict(texts_of(find_publication(rest)))
    else:
        raise Unread("Choose where the other files come from.")
    for field, files in edited.items():
        texts |= {_name_in(texts, UPLOADS[field], name): text for name, text in files.items()}
    with one_at_a_time():
        return services.publish(actor=user, texts=texts, now=now, **git)


def _edited(request: HttpRequest) -> dict[str, dict[str, str]]:
    """The uploaded texts by field and name."""
    most = settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raise Unread(f"All files together may have {most // 1024:,} KB.")
    return {field: _texts(request.FILES.getlist(field)) for field in UPLOADS}


def _texts(files: Iterable["UploadedFile[bytes]"]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for file in files:
        name = file.name or ""
        if name in texts:
            raise Unread(f"Two files are called {name}.")
        try:
            texts[name] = file.read().decode("utf-8")
        except UnicodeDecodeError:
            raise Unread(f"{name} is not UTF-8 text.") from None
    return texts


def _name_in(texts: Texts, begins: str, name: str) -> str:
    """Browsers send names without folders, so a file of cases replaces the one with its name in any folder."""
    same = [
        known for known in texts if begins and known.startswith(begins) and PurePosixPath(known).name == name
    ]
    if len(same) > 1:
        raise Unread(
            f"Several files of cases are called {name}: publish this change with `manage.py policy publish`."
        )
    return same[0] if same else f"{begins}{name}"

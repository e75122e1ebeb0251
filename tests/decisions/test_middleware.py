"""One bundle per request, named in the response."""

from django.http import HttpResponse

from decisions import bundles
from decisions.middleware import BundleMiddleware
from tests.decisions.entry import ENTRY


def test_answer_names_the_bundle_that_decided_although_another_was_loaded_meanwhile(policies, rf):
    seen = []

    def view(request):
        seen.append(bundles.current().digest)
        (policies / "entry.yaml").write_text(ENTRY.replace("Members only.", "Not tonight."))
        bundles.reload()
        seen.append(bundles.current().digest)
        return HttpResponse()

    response = BundleMiddleware(view)(rf.get("/"))
    assert seen == [response["Comity-Bundle"]] * 2
    assert bundles.current().digest != response["Comity-Bundle"]


def test_request_without_any_bundle_is_still_answered(policies, rf):
    (policies / "entry.yaml").write_text("policy: [")
    response = BundleMiddleware(lambda request: HttpResponse("read"))(rf.get("/"))
    assert (response.content, response.has_header("Comity-Bundle")) == (b"read", False)

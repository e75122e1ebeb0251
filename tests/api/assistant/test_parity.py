"""The same hand-picked and random requests to both surfaces, and proof that a difference would be noticed."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from api.admission import admit
from api.openapi.operations import ASSISTANT
from api.parity.comparing import compare
from api.parity.corpus import read_corpus
from api.parity.generated import generate
from api.routers.surface import Admission
from api.views.assistant import AssistantView, SessionView
from marketplace.accounts.models import User
from tests.conftest import SIZE
from tests.editable_policies import copy_policies
from tests.sampling import sample

pytestmark = pytest.mark.django_db(transaction=True)
ROUND = 150
"""The generated requests that start with an empty database."""
ANSWERED = {200, 201, 204, 400, 401, 403, 404, 405, 406, 409, 411, 413, 415, 422, 429}


def test_hand_picked_requests_are_answered_alike():
    asks = read_corpus()
    assert len(asks) >= 200
    compared = compare(asks)
    assert compared.differences == []
    assert set(compared.statuses) == ANSWERED


def test_generated_requests_are_answered_alike(scale):
    """In rounds: somebody whose texts were blocked too often has to pause, and from then on has nothing but refusals."""
    statuses = Counter[int]()
    for seed in range(7, 7 + scale.parity, ROUND):
        asks = generate(ROUND, seed=seed)
        assert {ask.method for ask in asks} >= {operation.method for operation in ASSISTANT}
        compared = compare(asks)
        assert compared.differences == []
        statuses.update(compared.statuses)
    assert statuses[200] + statuses[201] > statuses.total() / 5
    assert not any(status >= 500 for status in statuses)


@pytest.mark.parametrize("trouble", sample(["policies", "detectors", "topics"], every=3))
def test_server_trouble_is_reported_alike(trouble, settings, tmp_path):
    if trouble == "detectors":
        settings.MODERATION_PIPELINE = "tests.marketplace.moderation.words.without_threats"
    else:
        settings.COMITY_POLICIES_DIR = copy_policies(tmp_path / "policies")
        broken = {"policies": "inbox_title.yaml", "topics": "assistant/topics.yaml"}[trouble]
        (settings.COMITY_POLICIES_DIR / broken).write_text("broken: [")
    asks = [ask for ask in read_corpus() if not ask.save]
    compared = compare(asks if SIZE == "full" else asks[::4])
    assert compared.differences == []
    assert compared.statuses[503] > 0
    assert 500 not in compared.statuses


def without_csrf(admission: Admission, request: Any) -> Any:
    """Ninja's default: accepts the session without a CSRF token."""
    if "sessionid" in request.COOKIES and isinstance(request.user, User):
        return request.user
    return admit(request, admission.access) or request.user


def later(view: Any, request: Any) -> Any:
    answer = SESSION(view, request)
    answer["X-More"] = "1"
    return answer


SESSION: Callable[..., Any] = SessionView.get


@pytest.mark.parametrize(
    ("owner", "name", "sabotage", "expected"),
    [
        (Admission, "__call__", without_csrf, "session POST /conversations: status: 403 is not 201"),
        (SessionView, "get", later, "nobody GET /session: headers"),
        (AssistantView, "http_method_names", ["get", "post", "patch", "delete"], "HEAD /session: status: 405 is not 200"),
    ],
    ids=["csrf", "header", "method"],
)  # fmt: skip
def test_surface_that_differs_is_noticed(monkeypatch, owner, name, sabotage, expected):
    monkeypatch.setattr(owner, name, sabotage)
    method, path = expected.partition(":")[0].split()[-2:]
    asks = [ask for ask in read_corpus() if (ask.method, ask.path) == (method, path)]
    assert any(expected in difference for difference in compare(asks).differences)

"""A server that is moved from the folder to published bundles, and back with one command, keeps deciding as before."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from marketplace.accounts.models import User
from marketplace.accounts.services import issue_token
from tests.marketplace.publishing.bundle import Bundles
from tests.marketplace.publishing.polls import POLLS, polls_after
from tests.serving import CLIENT, Served, serving, wait_until


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_server_moves_to_published_bundles_and_back(
    shop: Bundles, database_url: str, tmp_path: Path, ann: User
) -> None:
    headers = {"Authorization": f"Bearer {issue_token(user=ann, now=timezone.now())}"}
    policies, polls = shop.folder / "policies", tmp_path / "polls"
    polls.touch()
    environment = {
        POLLS: str(polls),
        "DJANGO_SETTINGS_MODULE": "tests.marketplace.publishing.settings_published",
        "DATABASE_URL": database_url,
        "COMITY_POLICIES_DIR": str(policies),
        "COMITY_DEBUG": "true",
    }

    def decision(served: Served) -> tuple[str, str]:
        body = {"facts": {"amount": 150}}
        answer = CLIENT.post(f"{served.address}/api/policies/fees/decide", json=body, headers=headers)
        said = answer.json()
        assert answer.headers["Comity-Bundle"] == said["digest"]
        return said["outcome"], said["digest"]

    with serving(tmp_path, COMITY_POLICIES_FROM="folder", **environment) as served:
        assert decision(served)[0] == "fee"
        first = shop.put_in_force()
        assert decision(served) == ("fee", first.digest)  # of the same files
        shop.edit("value: 100", "value: 200")
        wait_until(lambda: decision(served)[0] == "free", served)  # nobody has approved that

    with serving(tmp_path, COMITY_POLICIES_FROM="published", **environment) as served:
        assert decision(served) == ("fee", first.digest)
        second = shop.put_in_force()
        wait_until(lambda: decision(served) == ("free", second.digest), served)
        shop.edit("value: 200", "value: 50")
        known = len(polls.read_text().splitlines())
        wait_until(lambda: sum(map(len, polls_after(polls, known).values())) >= 3, served)
        assert decision(served) == ("free", second.digest)

    call_command("policy", "checkout", "--to", str(policies), "--replace")
    with serving(tmp_path, COMITY_POLICIES_FROM="folder", **environment) as served:
        assert decision(served) == ("free", second.digest)

"""A completed sale between Sam and Bea, a dispute about it, the support agent Ada, and an evidence folder."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.environment import Environment
from config.evidence import configure_evidence
from marketplace.accounts.models import Role, User
from marketplace.disputes.models import Dispute, Media
from marketplace.orders.models import Order
from tests import seaweed
from tests.editable_policies import copy_policies
from tests.evidence import install, local_evidence
from tests.marketplace.disputes import proxy
from tests.marketplace.disputes.factories import add_media, make_dispute
from tests.marketplace.factories import complete, make_user


@pytest.fixture(autouse=True)
def evidence(request, tmp_path: Path, settings, _django_db_marker: None) -> Path:
    """This test's evidence folder."""
    return local_evidence(request, settings, tmp_path / "evidence")


@pytest.fixture
def policies(tmp_path: Path, settings) -> Callable[[str, str, str], None]:
    """Puts an edited copy of the policies in force."""

    def edit(policy: str, before: str, after: str) -> None:
        folder = copy_policies(tmp_path / f"policies-{len(list(tmp_path.iterdir()))}")
        path = folder / f"{policy}.yaml"
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after, 1))
        settings.COMITY_POLICIES_DIR = folder

    return edit


@pytest.fixture
def ada(db: None) -> User:
    return make_user("ada", Role.AGENT)


@pytest.fixture
def sale(order: Order) -> Order:
    return complete(order)


@pytest.fixture
def dispute(sale: Order) -> Dispute:
    return make_dispute(sale)


@pytest.fixture
def media(dispute: Dispute, bea: User) -> Media:
    return add_media(dispute, bea)


@dataclass
class Bucket:
    name: str
    endpoint: str
    client: Any

    def options(self) -> dict[str, str]:
        return options_of(self.name, self.endpoint)


@pytest.fixture(scope="session")
def seaweed_server() -> Iterator[seaweed.Seaweed]:
    with seaweed.running() as server:
        yield server


@pytest.fixture
def bucket(evidence: Path, seaweed_server: seaweed.Seaweed, settings) -> Iterator[Bucket]:
    """A new bucket for this test's evidence."""
    name = f"evidence-{uuid.uuid4().hex[:12]}"
    client = seaweed_server.patient
    client.create_bucket(Bucket=name)
    keep_in_bucket(settings, name, seaweed_server.endpoint, s3_seconds=PATIENT)
    install()
    yield Bucket(name, seaweed_server.endpoint, client)
    client.delete_bucket(Bucket=name)  # with everything in it, on this server


@pytest.fixture
def failing(bucket: Bucket, settings) -> Iterator[proxy.Proxy]:
    """The same bucket behind a proxy that can fail."""
    with proxy.running(bucket.endpoint) as between:
        keep_in_bucket(settings, bucket.name, between.endpoint)
        yield between


PATIENT = 60
"""Transfer timeout for tests that are not about timeouts: the machine may be busy."""


def options_of(name: str, endpoint: str) -> dict[str, str]:
    return {
        "bucket": name,
        "endpoint_url": endpoint,
        "region": "us-east-1",
        "access_key": seaweed.KEY,
        "secret_key": seaweed.SECRET,
    }


def keep_in_bucket(settings, name: str, endpoint: str, **more: float) -> None:
    environment = Environment(
        **{f"s3_{option}": value for option, value in options_of(name, endpoint).items()}, **more
    )
    settings.STORAGES = {**settings.STORAGES, "evidence": configure_evidence(environment)}

"""An invalid environment is reported at startup, in a sentence that names the variable."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.databases import configure_database
from config.environment import read_environment

SECRET = "s" * 60


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch):
    comity = (
        "DEBUG",
        "ENGINE",
        "SECRET_KEY",
        "SECRET_KEY_FALLBACKS",
        "ALLOWED_HOSTS",
        "HTTPS",
        "TRUSTED_PROXIES",
        "THREADS",
    )
    others = (
        "DATABASE_URL",
        "MODERATION_LEXICON",
        "MODERATION_CLASSIFIER",
        "MODERATION_MODELS",
        "MODERATION_CHECKPOINT_SHA256",
    )
    for name in (*(f"COMITY_{name}" for name in comity), *others):
        monkeypatch.delenv(name, raising=False)


def test_secret_key_is_required_outside_debug():
    with pytest.raises(ImproperlyConfigured, match="COMITY_SECRET_KEY is not set"):
        read_environment().signing_key()


def test_debug_does_without_a_secret_key(monkeypatch):
    monkeypatch.setenv("COMITY_DEBUG", "true")
    assert len(read_environment().signing_key()) >= 50


def test_secret_key_is_used_and_never_shown(monkeypatch):
    monkeypatch.setenv("COMITY_SECRET_KEY", SECRET)
    environment = read_environment()
    assert environment.signing_key() == SECRET
    assert SECRET not in repr(environment)


def test_earlier_keys_are_split_at_commas_and_never_shown(monkeypatch):
    monkeypatch.setenv("COMITY_SECRET_KEY_FALLBACKS", f"{SECRET}1, {SECRET}2,")
    environment = read_environment()
    assert [key.get_secret_value() for key in environment.secret_key_fallbacks] == [
        SECRET + "1",
        SECRET + "2",
    ]
    assert SECRET not in repr(environment)


def test_hosts_are_split_at_commas(monkeypatch):
    monkeypatch.setenv("COMITY_ALLOWED_HOSTS", "shop.example, api.example,")
    assert read_environment().allowed_hosts == ["shop.example", "api.example"]


@pytest.mark.parametrize(
    ("debug", "https", "speaks"),
    [("false", None, True), ("true", None, False), ("true", "true", True), ("false", "false", False)],
)
def test_https_is_expected_outside_debug_unless_said_otherwise(monkeypatch, debug, https, speaks):
    monkeypatch.setenv("COMITY_DEBUG", debug)
    if https:
        monkeypatch.setenv("COMITY_HTTPS", https)
    assert read_environment().speaks_https is speaks


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COMITY_DEBUG", "perhaps"),
        ("COMITY_ENGINE", "durabel"),
        ("COMITY_LOG_LEVEL", "LOUD"),
        ("COMITY_THROTTLE_LOGIN", "often"),
        ("COMITY_TRUSTED_PROXIES", "1"),  # it was once a count
        ("COMITY_TRUSTED_PROXIES", "proxy.example"),
        ("COMITY_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("COMITY_TRUSTED_PROXIES", "127.0.0.1, 0.0.0.0/0"),
        ("COMITY_TRUSTED_PROXIES", "::/0"),
        ("COMITY_THREADS", "0"),
        ("MODERATION_LEXICON", "better_profanity"),
        ("MODERATION_CLASSIFIER", "perspective"),
    ],
)
def test_value_that_does_not_fit_names_its_variable(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=f"^{name}: "):
        read_environment()


def test_detectors_are_chosen_by_names_without_prefix(monkeypatch):
    assert (read_environment().moderation_lexicon, read_environment().moderation_classifier) == (
        *("comity", "bilstm"),
    )
    monkeypatch.setenv("MODERATION_LEXICON", "better-profanity")
    monkeypatch.setenv("MODERATION_CLASSIFIER", "none")
    monkeypatch.setenv("MODERATION_MODELS", "/srv/models")
    read = read_environment()
    assert (read.moderation_lexicon, read.moderation_classifier) == ("better-profanity", "none")
    assert read.moderation_models == Path("/srv/models")


def test_sqlite_queues_writers_at_begin_and_survives_power_cuts():
    options = configure_database("sqlite:///comity.sqlite3")["OPTIONS"]
    assert (options["transaction_mode"], options["timeout"]) == ("IMMEDIATE", 20)
    assert "journal_mode=WAL" in options["init_command"]
    assert "synchronous=FULL" in options["init_command"]


def test_postgresql_waits_for_nothing_without_end():
    options = configure_database("postgresql://comity@localhost/comity")["OPTIONS"]
    assert "lock_timeout=3s" in options["options"]
    assert "statement_timeout=30s" in options["options"]


def test_options_of_the_url_are_kept():
    url = "postgresql://comity@localhost/comity?sslmode=require&options=-c%20work_mem%3D8MB"
    options = configure_database(url)["OPTIONS"]
    assert options["sslmode"] == "require"
    assert options["options"].endswith("work_mem=8MB")


@pytest.mark.parametrize("url", ["mysql://root@localhost/comity", "nonsense", "foo://bar"])
def test_other_databases_are_refused(url):
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL "):
        configure_database(url)


def test_proxies_are_named_by_address_and_network(monkeypatch):
    monkeypatch.setenv("COMITY_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8,2001:db8::/32, unix,")
    assert read_environment().trusted_proxies == ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32", "unix"]


def test_count_of_proxies_is_refused_with_what_to_write_instead(monkeypatch):
    monkeypatch.setenv("COMITY_TRUSTED_PROXIES", "2")
    with pytest.raises(
        ImproperlyConfigured, match="`2` is neither an address nor a network: list the proxies"
    ):
        read_environment()


@pytest.mark.parametrize("host", ["localhost", "", "127.1", "shop.example"])
def test_host_that_is_no_address_is_refused_before_anything_starts(monkeypatch, host):
    monkeypatch.setenv("COMITY_HOST", host)
    with pytest.raises(ImproperlyConfigured, match=rf"COMITY_HOST: .*`{host}` is not an IP address: write"):
        read_environment()


@pytest.mark.parametrize("host", ["0.0.0.0", "::1", "192.0.2.1"])
def test_host_is_an_address_of_either_kind(monkeypatch, host):
    monkeypatch.setenv("COMITY_HOST", host)
    assert read_environment().host == host

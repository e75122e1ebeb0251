"""Settings of a project that installs `decisions`: defaults, and errors that name the setting."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from decisions import bundles, conf
from decisions.apps import DecisionsConfig
from decisions.checks import check_settings
from engine.backends.python.compiler import compile_policy


@pytest.fixture
def host(settings: Any) -> Any:
    """Settings without any of Comity's."""
    del settings.COMITY_POLICIES_DIR
    del settings.COMITY_ENGINE
    return settings


def problems() -> list[str]:
    return [message.msg for message in check_settings()]


def test_defaults_are_a_folder_beside_the_project_and_the_compiler(host: Any, tmp_path: Path) -> None:
    host.BASE_DIR = tmp_path
    assert (conf.policies_dir(), conf.engine()) == (tmp_path / "policies", compile_policy)


def test_text_names_a_folder_too(settings: Any, tmp_path: Path) -> None:
    settings.COMITY_POLICIES_DIR = str(tmp_path)
    assert conf.policies_dir() == tmp_path


def test_without_a_folder_and_a_base_the_setting_is_named() -> None:
    # A project without BASE_DIR, like this application's settings.
    from django.conf import settings
    from django.test import override_settings

    with override_settings():
        del settings.COMITY_POLICIES_DIR
        with pytest.raises(ImproperlyConfigured, match=r"^COMITY_POLICIES_DIR is not set: "):
            bundles.in_force()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("COMITY_POLICIES_DIR", 7, "COMITY_POLICIES_DIR should be the path of a folder"),
        ("COMITY_POLICIES_DIR", "", "COMITY_POLICIES_DIR should be the path of a folder"),
        ("COMITY_ENGINE", "durabel", "COMITY_ENGINE: unknown engine `durabel`"),
        ("COMITY_ENGINE", None, "COMITY_ENGINE should be the name of a backend"),
    ],
)
def test_what_does_not_fit_is_refused_by_the_name_of_its_setting(
    settings: Any, tmp_path: Path, name: str, value: object, message: str
) -> None:
    settings.COMITY_POLICIES_DIR = tmp_path  # first read here
    setattr(settings, name, value)
    [problem] = problems()
    assert problem.startswith(message)
    with pytest.raises(ImproperlyConfigured, match=f"^{message}"):
        bundles.reload()


def test_project_without_time_zones_is_refused(settings: Any) -> None:
    settings.USE_TZ = False
    assert problems() == ["USE_TZ should be True: decisions are recorded with a time zone"]


def test_settings_of_the_application_fit() -> None:
    assert problems() == []


def test_ids_do_not_depend_on_the_default_of_the_host() -> None:
    assert DecisionsConfig.default_auto_field == "django.db.models.BigAutoField"

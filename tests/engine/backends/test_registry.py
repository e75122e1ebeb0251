"""The selection of the backend: by name, for the command line and for an installation."""

import sys

import pytest

from engine.backends.python.compiler import compile_policy
from engine.backends.registry import VARIABLE, BackendUnavailable, backend, chosen_backend
from tests.needs import DURABLE_RULES, needs_durable_rules


def test_backends_by_name():
    assert backend("compiler") is compile_policy
    assert backend("reference").__module__ == "engine.backends.reference"


@needs_durable_rules
def test_durable_rules_is_a_backend_where_it_can_be_installed():
    assert backend("durable").__module__ == "engine.backends.durable.program"


def test_an_unknown_backend_is_reported_with_the_known_ones(monkeypatch):
    monkeypatch.setenv(VARIABLE, "durabel")
    with pytest.raises(BackendUnavailable) as caught:
        chosen_backend()
    assert (
        str(caught.value)
        == "COMITY_ENGINE: unknown engine `durabel`: it is `compiler`, `durable` or `reference`"
    )


@pytest.mark.parametrize(
    ("value", "module"),
    [
        ("", "python.compiler"),
        ("compiler", "python.compiler"),
        pytest.param("durable", "durable.program", marks=needs_durable_rules),
        ("reference", "reference"),
    ],
)
def test_the_variable_chooses(monkeypatch, value, module):
    monkeypatch.setenv(VARIABLE, value)
    assert chosen_backend().__module__ == f"engine.backends.{module}"
    monkeypatch.delenv(VARIABLE)
    assert chosen_backend() is compile_policy


def test_without_the_package_the_extra_is_named(monkeypatch):
    if DURABLE_RULES:
        backend("durable")
        monkeypatch.delattr("engine.backends.durable.program")
    for name in [n for n in sys.modules if n.startswith("engine.backends.durable")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    with pytest.raises(
        BackendUnavailable,
        match=r"needs the extra `durable`, which can be installed on Python 3\.11 and 3\.12: ",
    ):
        backend("durable")

"""Policy cases as pytest items: each case of a YAML file below a folder named `policy_cases` is a test of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from documents.folders import is_yaml
from engine.backends.registry import chosen_backend
from engine.bundle import Loaded, load_bundle
from engine.cases.reader import Case, read_cases
from engine.cases.run import CaseResult, run_case

_LOADED = pytest.StashKey[Loaded]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        "comity_policies", "the folder of the policies that policy cases run against", default="policies"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if is_yaml(file_path) and "policy_cases" in file_path.parts:
        return CaseFileCollector.from_parent(parent, path=file_path)
    return None


class CaseFileCollector(pytest.File):
    def collect(self) -> Iterator[pytest.Item]:
        shown = (
            self.path.relative_to(self.config.rootpath)
            if self.path.is_relative_to(self.config.rootpath)
            else self.path
        )
        cases, diagnostics = read_cases(shown if shown.exists() else self.path)
        if diagnostics:
            raise pytest.Collector.CollectError("\n".join(d.render() for d in diagnostics))
        for case in cases:
            yield CaseItem.from_parent(self, name=f"{case.policy}: {case.name}", case=case)


class PolicyCaseFailed(Exception):
    """The decision is not what the case expects."""


class CaseItem(pytest.Item):
    def __init__(self, *, case: Case, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.case = case

    def runtest(self) -> None:
        loaded = _loaded(self.config)
        if loaded.bundle is None:
            raise PolicyCaseFailed("\n".join(d.render() for d in loaded.diagnostics))
        result = run_case(loaded.bundle, self.case)
        if not result.passed:
            raise PolicyCaseFailed(describe(result))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, PolicyCaseFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.case.place[1] - 1, self.name


def _loaded(config: pytest.Config) -> Loaded:
    """The bundle, loaded once a session."""
    if _LOADED not in config.stash:
        directory = config.rootpath / config.getini("comity_policies")
        config.stash[_LOADED] = load_bundle(directory, compile=chosen_backend())
    return config.stash[_LOADED]


def describe(result: CaseResult) -> str:
    """What a person needs to see of a case that did not pass."""
    file, line = result.case.place
    lines = [f"{file}:{line}: {result.case.policy}: {result.case.name}"]
    lines += [f"  {failure}" for failure in result.failures]
    lines += [problem.render() for problem in result.problems]
    return "\n".join(lines)

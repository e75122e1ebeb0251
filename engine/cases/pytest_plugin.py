"""Policy cases as pytest items: each case in a YAML file below a folder named `policy_cases` is a separate test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from documents.diagnostics import Diagnostic
from documents.folders import is_yaml
from engine.backends.registry import chosen_backend
from engine.bundle import Loaded, load_bundle
from engine.cases.case import Case
from engine.cases.reader import FIXTURES, read_cases
from engine.cases.run import CaseResult, run_case
from engine.cases.why import describe as differences

_LOADED = pytest.StashKey[Loaded]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        "comity_policies", "the folder of the policies that policy cases run against", default="policies"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if is_yaml(file_path) and "policy_cases" in file_path.parts and file_path.name != FIXTURES:
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
        for problem in diagnostics:
            yield ProblemItem.from_parent(self, name=f"line {problem.line}: {problem.code}", problem=problem)
        for case in cases:
            yield CaseItem.from_parent(self, name=f"{case.policy}: {case.name}", case=case)


class PolicyCaseFailed(Exception):
    """The decision differs from what the case expects, or the case cannot be read."""


class _Item(pytest.Item):
    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, PolicyCaseFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


class ProblemItem(_Item):
    """A problem in a case file. It fails next to the cases that can be read."""

    def __init__(self, *, problem: Diagnostic, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.problem = problem

    def runtest(self) -> None:
        raise PolicyCaseFailed(self.problem.render())

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.problem.line - 1, self.name


class CaseItem(_Item):
    def __init__(self, *, case: Case, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.case = case

    def runtest(self) -> None:
        if self.case.skip is not None:
            pytest.skip(self.case.skip)
        loaded = _loaded(self.config)
        if loaded.bundle is None:
            raise PolicyCaseFailed("\n".join(d.render() for d in loaded.diagnostics))
        result = run_case(loaded.bundle, self.case)
        if not result.passed:
            raise PolicyCaseFailed(describe(result))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.case.place[1] - 1, self.name


def _loaded(config: pytest.Config) -> Loaded:
    """Load the bundle once per session."""
    if _LOADED not in config.stash:
        directory = config.rootpath / config.getini("comity_policies")
        config.stash[_LOADED] = load_bundle(directory, compile=chosen_backend())
    return config.stash[_LOADED]


def describe(result: CaseResult) -> str:
    """Describe a case that did not pass."""
    file, line = result.case.place
    lines = [f"{file}:{line}: {result.case.policy}: {result.case.name}"]
    lines += [f"  {line}" for line in differences(result)]
    lines += [problem.render() for problem in result.problems]
    return "\n".join(lines)

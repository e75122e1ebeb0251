"""A foreign project that uses the installed package passes `mypy --strict`."""

import pytest

from tests.package.host import Host

SETTINGS = """\
[mypy]
explicit_package_bases = true
plugins = mypy_django_plugin.main
[mypy.plugins.django-stubs]
django_settings_module = config.settings
"""


@pytest.mark.full
def test_foreign_project_passes_mypy_strict(host: Host) -> None:
    (host.folder / "mypy.ini").write_text(SETTINGS)
    ran = host.run("python", "-m", "mypy", "--strict", "advice.py", "loans", "config")
    assert (ran.stdout, ran.stderr) == ("Success: no issues found in 7 source files\n", "")
    (host.folder / "advice.py").write_text("import comity\n\nresult: int = comity.load(7)\n")
    ran = host.run("python", "-m", "mypy", "--strict", "advice.py")
    assert [line.rpartition("  ")[2] for line in ran.stdout.splitlines()[:-1]] == [
        "[assignment]",
        "[arg-type]",
    ]

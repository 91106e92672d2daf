"""The document names every statistic there is, and every case it states is tested."""

import re
from importlib import import_module
from inspect import getmembers, isfunction
from pathlib import Path
from pkgutil import iter_modules

from monitoring import stats
from monitoring.stats import figures

TESTS = Path(__file__).parents[1]
DOCUMENT = TESTS.parent / "docs" / "statistics.md"


def test_every_public_statistic_is_described() -> None:
    text = DOCUMENT.read_text()
    modules = [
        import_module(f"monitoring.stats.{module.name}")
        for module in iter_modules(stats.__path__)
    ]

    missing = [
        f"{module.__name__}.{name}"
        for module in modules
        if module is not figures
        for name, function in getmembers(module, isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
        if f"`{name}(" not in text
    ]

    assert missing == []


def test_every_case_of_the_document_has_a_test_of_its_name() -> None:
    cases = re.findall(r"^\| ([A-G]\d+) \|", DOCUMENT.read_text(), flags=re.MULTILINE)
    tests = "".join(path.read_text() for path in TESTS.rglob("test_*.py"))

    missing = [case for case in cases if f"def test_case_{case.lower()}_" not in tests]

    assert len(cases) > 40
    assert missing == []

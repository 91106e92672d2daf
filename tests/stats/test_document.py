"""The document names every statistic there is."""

from importlib import import_module
from inspect import getmembers, isfunction
from pathlib import Path
from pkgutil import iter_modules

from monitoring import stats
from monitoring.stats import figures

DOCUMENT = Path(__file__).parents[2] / "docs" / "statistics.md"


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

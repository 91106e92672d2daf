"""The examples in the docstrings run."""

import doctest
from importlib import import_module
from pkgutil import iter_modules

import pytest

from monitoring import stats

MODULES = [f"monitoring.stats.{module.name}" for module in iter_modules(stats.__path__)]


@pytest.mark.parametrize("name", [*MODULES, "reviewapp.lottery"])
def test_the_examples_give_what_they_say(name: str) -> None:
    found = doctest.testmod(import_module(name), report=True)

    assert found.attempted > 0
    assert found.failed == 0

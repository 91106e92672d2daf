"""The examples in the ground floor's docstrings are true."""

import doctest
from importlib import import_module

import pytest


@pytest.mark.parametrize(
    "name",
    [
        "strictjson",
        "modalities.schemas",
        "modalities.tabular",
        "modalities.text",
        "modalities.suggestion",
        "runtimes.answers",
        "runtimes.features",
        "runtimes.features_text",
        "datasetfiles.csv_file",
        "datasetfiles.manifest",
    ],
)
def test_every_example_gives_what_it_says(name: str) -> None:
    found = doctest.testmod(import_module(f"reviewapp.{name}"))
    assert found.attempted > 0
    assert found.failed == 0

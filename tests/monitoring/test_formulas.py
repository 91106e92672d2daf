"""Formulas: every metric says how it is computed, and no two alike that are not."""

import pytest

from monitoring.catalogue import CATALOGUE, INSTALLATION, Metric
from monitoring.services.window_statistics import STATISTICS
from monitoring.templatetags.formula_words import FIGURES, formula

EVERY = [*CATALOGUE.values(), *INSTALLATION.values()]


@pytest.mark.parametrize("metric", EVERY, ids=lambda metric: metric.key)
def test_a_metric_says_how_it_is_computed(metric: Metric) -> None:
    said = formula(metric)

    assert said
    assert "%" not in said.replace("within 2 %", ""), "a placeholder was left"


def test_metrics_that_read_otherwise_are_told_otherwise() -> None:
    by_formula: dict[str, set[object]] = {}
    for metric in EVERY:
        by_formula.setdefault(formula(metric), set()).add(metric.reads)

    assert [said for said, reads in by_formula.items() if len(reads) > 1] == []


def test_a_share_names_its_part_and_its_whole() -> None:
    assert formula(CATALOGUE["agreement"]) == (
        "blind pairs that agree / blind pairs, each by 1 / its chance of a look, "
        "of the live version"
    )
    assert formula(CATALOGUE["redo_share"]) == "labels taken back / labels"
    assert formula(CATALOGUE["width"]) == "mean of an item's width"


def test_every_statistic_of_a_window_has_its_words() -> None:
    assert FIGURES.keys() == STATISTICS.keys()

"""Diagnosis: the patterns of the simulated line, and what must never be suggested."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.diagnosis import Act, Findings, Point, Trouble, diagnose

MAYBE = st.sampled_from([None, True, False])
FINDINGS = st.builds(
    Findings,
    input_drift=MAYBE,
    classifier=MAYBE,
    few_look_new=MAYBE,
    predictions=MAYBE,
    disagreement=MAYBE,
    escapes=MAYBE,
    overkill=MAYBE,
    inspectors=st.sampled_from([(), ("p-1",), ("p-1", "p-2")]),
    prevalence_ratio=st.none() | st.floats(0.01, 100),
    misses=MAYBE,
    fewer_confirmed=MAYBE,
    first=st.sampled_from([None, "inputs", "labels"]),
)
QUIET = Findings(
    input_drift=False,
    classifier=False,
    predictions=False,
    disagreement=False,
    escapes=False,
    overkill=False,
    prevalence_ratio=1.0,
)


@pytest.mark.parametrize(
    ("changes", "trouble", "act"),
    [
        (
            {"input_drift": True, "classifier": True, "escapes": True}
            | {"first": "inputs"},
            Trouble.LIGHTING,
            Act.LOOK_AT_BRIGHTNESS,
        ),
        # fibres are new to the inputs as well, in the items that have any
        (
            {"input_drift": True, "classifier": True, "predictions": True}
            | {"overkill": True, "prevalence_ratio": 1.8, "few_look_new": True},
            Trouble.LOOK_ALIKE,
            Act.WARN_ONLY,
        ),
        (
            {"escapes": True, "disagreement": True},
            Trouble.NEW_DEFECT,
            Act.SHOW_AUDITED_AND_LOWER,
        ),
        (
            {"overkill": True, "disagreement": True, "predictions": True},
            Trouble.LOOK_ALIKE,
            Act.WARN_ONLY,
        ),
        ({"overkill": True}, Trouble.PEOPLE, Act.COMPARE_INSPECTORS),
        ({"inspectors": ("p-1",)}, Trouble.PEOPLE, Act.COMPARE_INSPECTORS),
        (
            {"input_drift": True, "predictions": True, "escapes": True}
            | {"overkill": True, "prevalence_ratio": 2.0},
            Trouble.PREVALENCE,
            Act.CERTIFY_ANEW,
        ),
        (
            # more of the defects that the model knows, first by its answers alone
            {"predictions": True, "prevalence_ratio": 2.3},
            Trouble.PREVALENCE,
            Act.CERTIFY_ANEW,
        ),
        (
            {"predictions": True, "prevalence_ratio": 2.3, "escapes": True}
            | {"misses": False},
            Trouble.PREVALENCE,
            Act.CERTIFY_ANEW,
        ),
        (
            # a new defect of which the model sees some
            {"predictions": True, "prevalence_ratio": 1.6, "escapes": True}
            | {"misses": True},
            Trouble.NEW_DEFECT,
            Act.SHOW_AUDITED_AND_LOWER,
        ),
        (
            # its share of misses not told yet: the answers say that it sees them
            {"predictions": True, "prevalence_ratio": 2.3, "escapes": True},
            Trouble.PREVALENCE,
            Act.CERTIFY_ANEW,
        ),
        (
            # fewer of the known defects bring no more escapes
            {"predictions": True, "prevalence_ratio": 0.4, "escapes": True},
            Trouble.NEW_DEFECT,
            Act.SHOW_AUDITED_AND_LOWER,
        ),
        (
            # lint on its first evening: one window of other answers is no drift yet
            {"overkill": True, "prevalence_ratio": 2.0},
            Trouble.LOOK_ALIKE,
            Act.WARN_ONLY,
        ),
        (
            # a little lint: no window shows it, and people confirm as many scratches
            {"overkill": True, "fewer_confirmed": False},
            Trouble.LOOK_ALIKE,
            Act.WARN_ONLY,
        ),
        (
            # they let pass what the model rejects, while by chance more defects come
            {"overkill": True, "fewer_confirmed": True, "prevalence_ratio": 1.6},
            Trouble.CANNOT_SAY,
            Act.LOOK_AT_ITEMS,
        ),
        (
            # the same lamp by what people said meanwhile, within its first window
            {"input_drift": True, "classifier": True, "predictions": True}
            | {"overkill": True, "prevalence_ratio": 1.8, "fewer_confirmed": False},
            Trouble.LIGHTING,
            Act.LOOK_AT_BRIGHTNESS,
        ),
        (
            # a model that has got worse both ways is no fault of people
            {"escapes": True, "overkill": True, "disagreement": True},
            Trouble.NEW_DEFECT,
            Act.SHOW_AUDITED_AND_LOWER,
        ),
        (
            # more overkill of fewer rejects is no lint
            {"overkill": True, "prevalence_ratio": 0.5},
            Trouble.PEOPLE,
            Act.COMPARE_INSPECTORS,
        ),
        (
            # new items can be told from old ones
            {"overkill": True, "classifier": True, "first": "labels"},
            Trouble.CANNOT_SAY,
            Act.LOOK_AT_ITEMS,
        ),
        (
            # before its first thousand labels nobody knows of escapes and overkill
            {"predictions": True, "prevalence_ratio": 2.3}
            | {"escapes": None, "overkill": None},
            Trouble.CANNOT_SAY,
            Act.LOOK_AT_ITEMS,
        ),
        (
            # a lamp in whose light the model rejects good items
            {"input_drift": True, "classifier": True, "predictions": True}
            | {"overkill": True, "prevalence_ratio": 1.8, "first": "inputs"},
            Trouble.LIGHTING,
            Act.LOOK_AT_BRIGHTNESS,
        ),
        (
            # a lamp in whose light the model finds fewer defects
            {"input_drift": True, "classifier": True, "predictions": True}
            | {"prevalence_ratio": 0.4, "first": "inputs"},
            Trouble.LIGHTING,
            Act.LOOK_AT_BRIGHTNESS,
        ),
        ({}, Trouble.CANNOT_SAY, Act.LOOK_AT_ITEMS),
    ],
)
def test_each_pattern_of_the_simulated_line_names_its_cause(
    changes: dict[str, object], trouble: Trouble, act: Act
) -> None:
    first = diagnose(replace(QUIET, **changes))[0]  # type: ignore[arg-type]  # the columns are of several types

    assert (first.trouble, first.act) == (trouble, act)


def test_what_nobody_measured_names_nothing() -> None:
    [only] = diagnose(Findings())

    assert only.trouble is Trouble.CANNOT_SAY


def test_escapes_alone_name_no_defect_while_the_inputs_were_not_measured() -> None:
    first, second = diagnose(Findings(escapes=True))[:2]

    assert first.trouble is Trouble.CANNOT_SAY
    assert {second.trouble} <= {Trouble.NEW_DEFECT, Trouble.LIGHTING}


def test_labels_that_moved_first_are_no_lamp() -> None:
    found = replace(QUIET, input_drift=True, escapes=True, first="labels")

    assert diagnose(found)[0].trouble is not Trouble.LIGHTING


@given(found=FINDINGS)
def test_a_point_never_speaks_both_for_and_against(found: Findings) -> None:
    for suspect in diagnose(found):
        assert not set(suspect.speaks_for) & set(suspect.speaks_against)


@given(found=FINDINGS)
def test_the_suspects_that_fit_come_first_and_by_weight(found: Findings) -> None:
    ranked = [s for s in diagnose(found) if s.trouble is not Trouble.CANNOT_SAY]

    keys = [(suspect.fits, suspect.weight) for suspect in ranked]
    assert keys == sorted(keys, reverse=True)


@given(found=FINDINGS)
def test_lowering_is_suggested_first_only_where_escapes_rose(found: Findings) -> None:
    first = diagnose(found)[0]

    if first.act is Act.SHOW_AUDITED_AND_LOWER:
        assert found.escapes
        assert found.input_drift is False


@given(found=FINDINGS)
def test_people_lead_only_without_a_moved_model_or_with_a_name(
    found: Findings,
) -> None:
    first = diagnose(found)[0]

    if first.trouble is Trouble.PEOPLE and not found.inspectors:
        assert found.predictions is False
        assert found.input_drift is False


@given(found=FINDINGS)
def test_what_was_not_measured_says_nothing(found: Findings) -> None:
    unmeasured = replace(found, input_drift=None, classifier=None)

    said = {
        point
        for suspect in diagnose(unmeasured)
        for point in (*suspect.speaks_for, *suspect.speaks_against)
    }
    assert not said & {
        Point.INPUTS_MOVED,
        Point.INPUTS_STAYED,
        Point.CLASSIFIER_SEES_IT,
        Point.CLASSIFIER_SEES_NOTHING,
    }

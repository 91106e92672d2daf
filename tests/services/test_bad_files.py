"""Bad item files and bad model files, through the commands that take them."""

import pickle
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import SVC

from reviewapp.models import Item, ModelVersion, ProductLine
from reviewapp.runtimes.loading import write_model

HEADER = "id,width,height\n"
CP1252 = "id,width,height\nü,1,2\n".encode("cp1252")


def bring(path: Path) -> str:
    said = StringIO()
    call_command("import_items", "phone-screens", path, stdout=said)
    return said.getvalue()


def case(number: str, content: str | bytes, code: str, *places: str) -> Any:
    return pytest.param(content, code, places, id=f"{number}-{code}")


@pytest.mark.parametrize(
    ("content", "code", "places"),
    [
        case("B35", CP1252, "not_utf8", "Row 2", "byte 0xfc", "CSV UTF-8"),
        case("B36", "id;width;height\na;1;2\n", "one_column_found", "mean ';'"),
        case("B36-tab", "id\twidth\theight\n", "one_column_found", "mean '\\t'"),
        case("B37-few", f"{HEADER}a,1\n", "wrong_cell_count", "Row 2", "3 ", "2 found"),
        case("B37-many", f"{HEADER}a,1,2,3\n", "wrong_cell_count", "4 found"),
        case("B38-twice", "id,id,width,height\n", "duplicate_column", "column id"),
        case("B38-missing", "name,width,height\na,1,2\n", "missing_column", "or id"),
        case("B38-header", HEADER, "no_rows"),
        case("B38-empty", "", "no_rows"),
        case("B39", f"{HEADER}a,{'9' * 200_000},2\n", "cell_too_long", "Row 2"),
        case("B40", f'{HEADER}a,1,2\nb,"1,2\nc,1,2\n', "unclosed_quote", "Row 3"),
        case("blank", f"{HEADER} ,1,2\n", "blank", "Row 2, column id"),
        case("nul", f"{HEADER}a\0,1,2\n", "nul_character", "Row 2"),
        case("long", f"{HEADER}{'a' * 256},1,2\n", "too_long", "Row 2"),
        case("twice", f"{HEADER}a,1,2\na,1,2\n", "external_id_conflict", "Row 3"),
        case("number", f"{HEADER}a,1e999,2\n", "not_finite", "Row 2"),
        case(
            "old",
            f"captured_at,{HEADER}0001-01-01,a,1,2\n",
            "bad_date",
            "Row 2, column captured_at",
        ),
    ],
)
@pytest.mark.usefixtures("line")
def test_a_bad_file_names_its_place_and_stores_nothing(
    tmp_path: Path, content: str | bytes, code: str, places: tuple[str, ...]
) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(CommandError) as refused:
        bring(path)

    said = str(refused.value).replace("Column ", "column ")
    assert f"({code})" in said
    assert all(place in said for place in places), said
    assert not Item.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("line")
def test_b34_and_b45_a_file_with_a_mark_is_taken_and_a_second_time_adds_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "items.csv"
    path.write_text(f"{HEADER}a,1,2\nb,3,4\n", encoding="utf-8-sig")

    first, second = bring(path), bring(path)

    assert "2 new items" in first
    assert "0 new items" in second
    assert "2 were known already" in second
    assert Item.objects.count() == 2


class HomeMade(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """A classifier of nobody's library."""


def fitted(names: tuple[object, ...] = ("ok", "scratch"), width: int = 2) -> Any:
    rows = np.random.default_rng(1).normal(size=(len(names) * 5, width))
    return LogisticRegression().fit(rows, np.array(names * 5))


def named(*columns: str) -> Any:
    model = fitted()
    model.feature_names_in_ = np.array(columns, dtype=object)
    return model


def newer(path: Path) -> None:
    write_model(fitted(), path)
    with ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    schema = members["schema.json"].decode()
    found = schema.index('"content": "\\"', schema.index('"_sklearn_version"'))
    at = found + len('"content": "\\"')
    members["schema.json"] = (schema[:at] + "9" + schema[at:]).encode()
    with ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(201_000_000)


ROWS, NAMES = np.eye(4, 2), np.array(["ok", "scratch", "ok", "scratch"])


@pytest.mark.parametrize(
    ("made", "name", "code"),
    [
        pytest.param(pickle.dumps([1]), "m.pkl", "unsupported_model_format", id="B46"),
        pytest.param(
            pickle.dumps([1]), "m.joblib", "unsupported_model_format", id="B46-joblib"
        ),
        pytest.param(b"PK\5\6", "m.pt", "unsupported_model_format", id="B46-pt"),
        pytest.param(
            pickle.dumps([1]), "m.skops", "unsupported_model_format", id="B47"
        ),
        pytest.param(HomeMade(), "m.skops", "untrusted_types", id="B48"),
        pytest.param(
            LinearRegression().fit(ROWS, [1.0, 2, 3, 4]),
            "m.skops",
            "not_a_classifier",
            id="B49",
        ),
        pytest.param(LogisticRegression(), "m.skops", "not_fitted", id="B49-fit"),
        pytest.param(
            SVC().fit(ROWS, NAMES), "m.skops", "no_probabilities", id="B49-proba"
        ),
        pytest.param(
            fitted(("ok", "scratch", "dent")), "m.skops", "classes_differ", id="B50"
        ),
        pytest.param(fitted((0, 1)), "m.skops", "classes_differ", id="B50-int"),
        pytest.param(fitted(width=3), "m.skops", "features_differ", id="B51"),
        pytest.param(
            named("height", "width"), "m.skops", "features_differ", id="B51-names"
        ),
        pytest.param(newer, "m.skops", "library_version", id="B52"),
        pytest.param(large, "m.skops", "model_too_large", id="B53"),
        pytest.param(b"", "m.skops", "empty_file", id="empty"),
    ],
)
@pytest.mark.usefixtures("line")
def test_a_bad_model_file_is_named_and_no_version_is_made(
    tmp_path: Path, settings: Any, made: object, name: str, code: str
) -> None:
    settings.MODEL_ROOT = tmp_path / "models"
    path = tmp_path / name
    if isinstance(made, bytes):
        path.write_bytes(made)
    elif isinstance(made, Callable):  # type: ignore[arg-type]  # a writer of a file
        made(path)  # type: ignore[operator]  # as above
    else:
        write_model(made, path)

    with pytest.raises(CommandError, match=rf"\({code}\)"):
        call_command("register_model", "phone-screens", path)

    assert not ModelVersion.objects.exists()
    assert not settings.MODEL_ROOT.exists()


def test_b54_other_bytes_under_a_known_name_are_a_conflict(
    tmp_path: Path, settings: Any, line: ProductLine
) -> None:
    settings.MODEL_ROOT = tmp_path / "models"
    path, other = tmp_path / "v1.skops", tmp_path / "other.skops"
    write_model(named("width", "height"), path)
    write_model(fitted(), other)
    for _ in range(2):
        call_command("register_model", line.slug, path, stdout=StringIO())

    with pytest.raises(CommandError, match=r"\(version_exists\)"):
        call_command("register_model", line.slug, other, name="v1")

    assert line.versions.count() == 1

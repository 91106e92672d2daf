"""Rules the house checks by itself."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

from monitoring.catalogue import CATALOGUE, INSTALLATION
from monitoring.templatetags.formula_words import formula

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path
    for folder in ("reviewapp", "monitoring", "tests", "bench", "templates", "static")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".html", ".css", ".js"}
)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
LONGEST_FILE = 400
OPENINGS = {".py": '"""', ".css": "/*", ".js": "//"}


def test_no_file_is_longer_than_a_room() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): count
        for path in SOURCES
        if "migrations" not in path.parts and "vendor" not in path.parts
        if (count := len(path.read_text().splitlines())) > LONGEST_FILE
    }

    assert long == {}


def test_a_modules_constant_is_set_once() -> None:
    twice = [
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for path in SOURCES
        if path.suffix == ".py"
        for name, count in Counter(constants(path)).items()
        if count > 1
    ]

    assert twice == []


def constants(path: Path) -> list[str]:
    return [
        target.id
        for statement in ast.parse(path.read_text()).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name) and target.id.isupper()
    ]


def test_every_module_says_why_it_exists() -> None:
    mute = [
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if path.suffix in OPENINGS and path.stat().st_size
        if "vendor" not in path.parts and path.name != "0001_initial.py"
        if not path.read_text().lstrip().startswith(OPENINGS[path.suffix])
    ]

    assert mute == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_migration_is_called_auto() -> None:
    names = [path.name for path in ROOT.glob("*/migrations/0*.py")]

    assert names
    assert not [name for name in names if "auto" in name]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_part_is_named_like_its_element(path: Path) -> None:
    text = path.read_text()

    for name in re.findall(r"{% partialdef ([\w-]+)", text):
        assert f'id="{name}"' in text
    for target in re.findall(r'hx-target="#([\w-]+)"', text):
        assert f'id="{target}"' in text


def test_every_setting_stands_in_the_example() -> None:
    settings = (ROOT / "reviewapp" / "settings.py").read_text()
    example = (ROOT / ".env.example").read_text()

    names = set(re.findall(r"read\(\s*['\"]([A-Z_]+)['\"]", settings))

    assert len(names) > 10
    assert not [name for name in sorted(names) if f"{name}=" not in example]


def test_every_model_stands_in_the_concepts() -> None:
    concepts = (ROOT / "docs" / "concepts.md").read_text()

    for app in ("reviewapp", "monitoring"):
        for model in apps.get_app_config(app).get_models():
            assert model.__name__ in concepts, model.__name__


def test_every_metric_stands_in_its_document() -> None:
    document = (ROOT / "docs" / "metrics.md").read_text()

    for metric in (*CATALOGUE.values(), *INSTALLATION.values()):
        row = next(
            r for r in document.splitlines() if r.startswith(f"| `{metric.key}`")
        )
        assert metric.meaning in row, metric.key
        assert f"| {formula(metric)} |" in row, metric.key
        assert metric.rise, metric.key
        assert metric.fall, metric.key


def test_the_readme_names_the_command_that_ci_runs() -> None:
    assert "./run test" in (ROOT / ".ci" / "run").read_text()
    assert "./run test" in (ROOT / "README.md").read_text()


def test_nothing_in_a_template_is_marked_safe_or_inline() -> None:
    for path in TEMPLATES:
        text = path.read_text()
        assert "|safe" not in text, path.name
        assert "autoescape off" not in text, path.name
        assert not re.search(r"\son\w+=|\sstyle=|hx-on|hx-vals", text), path.name
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path.name


def test_every_dependency_has_its_reason() -> None:
    for name in ("requirements.in", "requirements-dev.in"):
        for line in (ROOT / name).read_text().splitlines():
            if line and not line.startswith(
                ("#", "-r", "django-stubs", "celery-types")
            ):
                assert "#" in line, f"{name}: {line}"


def test_what_a_document_links_to_is_there() -> None:
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name}: {target}"

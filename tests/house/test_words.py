"""Every word of a page stands in the catalogue, in Korean, and is compiled."""

import gettext
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

PROJECT = Path(__file__).resolve().parents[2]
CATALOGUE = Path("locale/ko/LC_MESSAGES/django.po")
HALVES = ("reviewapp", "monitoring", "templates")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A place where the catalogue is gathered anew beside the shipped one's copy."""
    if shutil.which("xgettext") is None:
        advice = "No gettext: apt-get install gettext."
        if os.environ.get("CI"):
            pytest.fail(advice, pytrace=False)
        pytest.skip(advice)
    for name in HALVES:
        (tmp_path / name).symlink_to(PROJECT / name)
    shutil.copytree(PROJECT / "locale", tmp_path / "locale")
    return tmp_path


def test_every_word_of_the_pages_is_there_in_korean(
    tree: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree)
    settings.LOCALE_PATHS = [tree / "locale"]

    call_command("makemessages", locale=["ko"], symlinks=True, verbosity=0)

    assert told(tree, "--untranslated", "--no-obsolete") == []
    assert told(tree, "--only-fuzzy", "--no-obsolete") == []
    assert told(tree, "--only-obsolete") == [], "words that no page has any more"


def test_what_is_compiled_is_what_the_catalogue_says(tree: Path) -> None:
    compiled = tree / "fresh.mo"
    # its check refuses a translation that lost a placeholder
    run("msgfmt", "--check", "-o", str(compiled), str(tree / CATALOGUE))
    shipped = PROJECT / CATALOGUE.with_suffix(".mo")

    assert words_of(shipped) == words_of(compiled)
    assert len(words_of(shipped)) > 1000


def told(tree: Path, *options: str) -> list[str]:
    """Give the messages that gettext finds in the catalogue by some options."""
    found = run("msgattrib", "--no-location", *options, str(tree / CATALOGUE))
    parts = found.strip().split("\n\n")
    return [part for part in parts if part and "Project-Id-Version" not in part]


def run(tool: str, *options: str) -> str:
    """Run a tool of gettext, which must succeed, and give what it prints."""
    program = shutil.which(tool)
    assert program is not None
    ran = subprocess.run([program, *options], check=True, stdout=subprocess.PIPE)
    return ran.stdout.decode()


def words_of(path: Path) -> dict[object, str]:
    """Read a compiled catalogue."""
    with path.open("rb") as file:
        read = gettext.GNUTranslations(file)
    return dict(read._catalog)  # type: ignore[attr-defined]

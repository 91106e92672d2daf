"""Static files as they are served: every import between modules is followed."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from reviewapp import settings as product

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "static" / "js").glob("*.js"))
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
TEMPLATES = ROOT / "templates"
LONGEST_MODULE = 250


def test_a_module_imports_another_by_the_name_it_is_served_under(
    tmp_path: Path,
) -> None:
    with override_settings(STORAGES=product.STORAGES, STATIC_ROOT=tmp_path):
        call_command("collectstatic", interactive=False, verbosity=0)

    [plot] = tmp_path.glob("js/plot.*.js")
    found = re.search(r'from\s*"\./(marks\.[0-9a-f]{12}\.js)"', plot.read_text())
    assert found
    assert (tmp_path / "js" / found[1]).exists()
    [workbench] = tmp_path.glob("js/workbench.*.js")
    named = re.findall(r'"\./(hand\.[0-9a-f]{12}\.js)"', workbench.read_text())
    assert len(named) == 1
    assert all((tmp_path / "js" / name).exists() for name in named)
    assert tmp_path != settings.STATIC_ROOT


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_a_sheet_is_linked_by_a_page(path: Path) -> None:
    pages = [page.read_text() for page in (ROOT / "templates").rglob("*.html")]

    assert any(f'"css/{path.name}"' in page for page in pages)


def with_parts(page: Path) -> str:
    """Give a page's text with that of the parts that it takes in."""
    text = page.read_text()
    parts = re.findall(r'{% include "([^"]+)"', text)
    return text + "".join(with_parts(TEMPLATES / part) for part in parts)


PAGES = [p for p in sorted(TEMPLATES.rglob("*.html")) if "{% extends" in p.read_text()]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_with_verdicts_links_the_sheet_that_draws_their_marks(
    path: Path,
) -> None:
    has_verdicts = 'class="verdict"' in with_parts(path)

    assert not has_verdicts or '"css/boards.css"' in path.read_text()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_is_short_and_makes_nothing_global(path: Path) -> None:
    text = path.read_text()

    assert len(text.splitlines()) < LONGEST_MODULE
    assert not re.search(r"\bwindow\.\w+\s*=[^=]", text)
    assert "innerHTML" not in text

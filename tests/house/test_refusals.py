"""What a person is refused is said in the person's language."""

import ast
from collections.abc import Iterator
from pathlib import Path

from reviewapp.errors import RefusedError

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (
    "reviewapp/services",
    "reviewapp/forms",
    "reviewapp/views",
    "monitoring/services",
    "monitoring/forms",
    "monitoring/views",
)
# Who reads these is a program or sits at a command line, where English is spoken.
ENGLISH = {
    "reviewapp/services/arrivals.py": "told to the API and the import command",
    "reviewapp/services/imports.py": "told to the import command",
    "reviewapp/services/items.py": "told to the API and the import command",
    "reviewapp/services/pipelines.py": "told to the command that registers a model",
}


def test_every_refusal_of_a_page_goes_through_the_catalogue() -> None:
    plain = [
        f"{name}:{line}" for name, line in plainly_refused() if name not in ENGLISH
    ]

    assert plain == [], "write _(…) around these, with named placeholders"


def test_no_exemption_outlives_its_need() -> None:
    assert {name for name, _line in plainly_refused()} == {*ENGLISH}


def test_no_message_is_filled_in_before_it_is_looked_up() -> None:
    filled = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in (*ROOT.glob("reviewapp/**/*.py"), *ROOT.glob("monitoring/**/*.py"))
        for call in calls(path)
        if name_of(call)
        in {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
        if any(isinstance(one, ast.JoinedStr) for one in call.args)
    ]

    assert filled == []


def plainly_refused() -> Iterator[tuple[str, int]]:
    """Find the refusals whose words stand in the code as they are."""
    refusals = {kind.__name__ for kind in kinds_of(RefusedError)} | {"ValidationError"}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for call in calls(path):
                is_refusal = name_of(call) in refusals or is_refusals_own(call)
                if is_refusal and call.args and is_plain(call.args[0]):
                    yield path.relative_to(ROOT).as_posix(), call.lineno


def calls(path: Path) -> Iterator[ast.Call]:
    """Find what a module calls."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield node


def name_of(call: ast.Call) -> str:
    """Name what is called, without where it comes from."""
    called = call.func
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def is_refusals_own(call: ast.Call) -> bool:
    """Is this a class handing a sentence of its own to the one it extends?"""
    called = call.func
    return (
        isinstance(called, ast.Attribute)
        and called.attr == "__init__"
        and isinstance(called.value, ast.Call)
    )


def is_plain(words: ast.expr) -> bool:
    """Do these words reach a person as they stand, in parts or as a whole?"""
    match words:
        case ast.JoinedStr():
            return True
        case ast.Constant(value=value):
            return isinstance(value, str)
        case ast.BinOp(left=left, right=right, op=ast.Add()):
            return is_plain(left) or is_plain(right)
        case ast.BinOp(left=left, op=ast.Mod()):
            return is_plain(left)
        case ast.Call(func=ast.Attribute(attr="join" | "format", value=value)):
            return is_plain(value)
    return False


def kinds_of(kind: type[RefusedError]) -> Iterator[type[RefusedError]]:
    """Give a kind of refusal and all that extend it."""
    yield kind
    for narrower in kind.__subclasses__():
        yield from kinds_of(narrower)

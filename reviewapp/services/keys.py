"""Keys: what each key of the workbench does for a person, printed on its button.

None of them is a key of a class or of the player of recordings, so that no two clash.
"""

from collections.abc import Mapping

from reviewapp.models import User

USUAL = {
    "pass": "o",
    "cannot_tell": "u",
    "skip": "s",
    "undo": "Backspace",
    "pause": "p",
    "actual_size": "z",
    "book": "l",
    "sheet": "?",
}
SIGNS = {"Backspace": "⌫"}


def keys_of(user: User) -> dict[str, str]:
    """Give the key of each action, as the person has set it."""
    own = user.keys if isinstance(user.keys, dict) else {}
    return {action: str(own.get(action, key)) for action, key in USUAL.items()}


def printed(keys: Mapping[str, str]) -> dict[str, str]:
    """Give the keys as they stand on the buttons."""
    return {action: SIGNS.get(key, key) for action, key in keys.items()}

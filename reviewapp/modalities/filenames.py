"""Names of files as they were sent: kept as text, and never used as a path."""

from pathlib import PurePosixPath, PureWindowsPath

from reviewapp.errors import Fault, InvalidInputError

MAX_NAME = 255


def check_name(name: str) -> None:
    """Refuse a name that no database can keep.

    Raises
    ------
    InvalidInputError
        ``bad_file_name``.
    """
    try:
        is_text = bool(name.encode()) or not name
    except UnicodeEncodeError:
        is_text = False
    if is_text and "\0" not in name:
        return
    message = "The file's name holds a character that no name may hold. Rename it."
    fault = Fault(code="bad_file_name", message=message)
    raise InvalidInputError(message, code=fault.code, faults=(fault,))


def plain_name(name: str) -> str:
    """Give the last part of a name, without control characters, cut to what fits."""
    last = PurePosixPath(PureWindowsPath(name).as_posix()).name
    return "".join(sign for sign in last if sign.isprintable())[-MAX_NAME:]

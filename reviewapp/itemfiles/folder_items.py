"""Items from a folder of pictures or recordings, with or without a manifest."""

from collections.abc import Collection, Iterator
from pathlib import Path

from reviewapp.itemfiles.csv_items import read_csv
from reviewapp.itemfiles.rows import FileRow, checked_id, refuse

MANIFEST = "manifest.csv"


def read_folder(folder: Path, endings: Collection[str]) -> Iterator[FileRow]:
    """Read items from a folder: by its ``manifest.csv``, else every file below it.

    Without a manifest a file's path below the folder is its external id. With one, a
    column ``file`` names each file; it is the external id where there is none.

    Parameters
    ----------
    folder : Path
    endings : collection of str
        How the names of the files that count end, in small letters: ``.png``.

    Raises
    ------
    InvalidPayloadError
        ``no_rows`` for a folder without such files, ``missing_file`` for a file that
        the manifest names and the folder does not hold.
    """
    manifest = folder / MANIFEST
    if manifest.exists():
        yield from read_manifest(manifest)
        return
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in endings)
    if not found:
        listed = ", ".join(sorted(endings))
        raise refuse("no_rows", f"{folder.name} holds no file of {listed}.")
    for row, path in enumerate(found, start=1):
        name = path.relative_to(folder).as_posix()
        yield FileRow(
            row=row, external_id=checked_id(name, row=row, column="file"), path=path
        )


def read_manifest(manifest: Path) -> Iterator[FileRow]:
    """Read a manifest whose files must all be there, within its own folder."""
    root = manifest.parent.resolve()
    for item in read_csv(manifest, columns=()):
        path = item.path
        if path is None or not path.resolve().is_relative_to(root):
            message = "the file lies outside the manifest's folder."
            raise refuse("bad_file_name", message, row=item.row, column="file")
        if not path.is_file():
            message = f"there is no file {path.name}."
            raise refuse("missing_file", message, row=item.row, column="file")
        yield item

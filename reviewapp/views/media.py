"""Sending media: whole, or the part that a browser asks for to go on in a recording."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from reviewapp.services import media

MEDIA_SECONDS = 300
CHUNK_BYTES = 65_536
ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def send_medium(request: HttpRequest, path: str, media_type: str) -> HttpResponseBase:
    """Send a derivative with its stored type, and let it do nothing but be there.

    One range of bytes is answered with that part; several, or a range that is none,
    with the whole, as RFC 9110 allows.
    """
    file = media.open_medium(path)
    size = Path(file.name).stat().st_size
    part = _part(request.headers.get("Range", ""), size)
    response: HttpResponseBase
    if part is None:
        response = FileResponse(file, content_type=media_type)
    elif not part:
        file.close()
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
    else:
        response = StreamingHttpResponse(
            _read(file, part), status=206, content_type=media_type
        )
        response["Content-Length"] = str(len(part))
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    # without the file's name, by which an item could be known again elsewhere
    response["Content-Disposition"] = "inline"
    response["Accept-Ranges"] = "bytes"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = f"private, max-age={MEDIA_SECONDS}"
    return response


def _part(asked: str, size: int) -> range | None:
    """Give the bytes that are asked for; none of them if they lie behind the end."""
    found = ONE_RANGE.fullmatch(asked.strip())
    if found is None or not any(found.groups()):
        return None
    first, last = (int(text) if text else None for text in found.groups())
    if first is None:
        return range(max(size - (last or 0), 0), size)
    if last is not None and last < first:
        return None
    return range(first, size if last is None else min(last + 1, size))


def _read(file: BinaryIO, part: range) -> Iterator[bytes]:
    with file:
        file.seek(part.start)
        left = len(part)
        while left and (chunk := file.read(min(CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk

"""Bodies as they arrive: their kind, their size, and the parts they have."""

from typing import TypeAlias

from django.core.exceptions import (
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

from reviewapp.errors import InvalidInputError, TooLargeError, UnsupportedFormatError

LARGEST_BODY = 1_048_576
LARGEST_FILES = 50 * 1_048_576
Parts: TypeAlias = "dict[str, UploadedFile[bytes]]"
# What stands for bytes that are no UTF-8, once they have been read as text.
UNREADABLE = "\ufffd"


def read_body(
    request: HttpRequest, *, largest: int = LARGEST_BODY
) -> tuple[bytes, Parts]:
    """Give the JSON text of a request, and the file parts beside it.

    A body of JSON alone has at most ``largest`` bytes.

    Raises
    ------
    UnsupportedFormatError
        ``encoding_not_allowed``, ``unsupported_media_type``.
    TooLargeError
        ``body_too_large``, ``too_many_parts``.
    InvalidInputError
        ``length_required``, ``not_utf8``, ``bad_multipart``, ``missing_part``,
        ``duplicate_part``, ``unknown_part``.
    """
    if request.headers.get("Content-Encoding"):
        raise UnsupportedFormatError(
            "Compressed bodies are not accepted. Send it as it is.",
            code="encoding_not_allowed",
        )
    if "Transfer-Encoding" in request.headers:
        raise InvalidInputError(
            "The body came in chunks. Send it whole, with its Content-Length.",
            code="length_required",
        )
    length = int(request.headers.get("Content-Length") or 0)
    if request.content_type == "multipart/form-data":
        if length > LARGEST_FILES:
            raise _too_large(LARGEST_FILES)
        return _read_parts(request)
    if request.content_type != "application/json":
        raise UnsupportedFormatError(
            "Send application/json, or multipart/form-data with files.",
            code="unsupported_media_type",
        )
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if charset not in {"utf-8", "utf8"}:
        raise InvalidInputError("JSON is sent in UTF-8.", code="not_utf8")
    if length > largest:
        raise _too_large(largest)
    return request.read(), {}


def _read_parts(request: HttpRequest) -> tuple[bytes, Parts]:
    try:
        fields, files = request.POST, request.FILES
    except RequestDataTooBig:
        raise _too_large(LARGEST_BODY) from None
    except (TooManyFieldsSent, TooManyFilesSent):
        raise TooLargeError(
            "The body has too many parts. Send fewer items at once.",
            code="too_many_parts",
        ) from None
    except MultiPartParserError as error:
        raise InvalidInputError(
            f"The parts of the body cannot be told apart: {error}.",
            code="bad_multipart",
        ) from None
    for name in [*fields, *files]:
        times = len(fields.getlist(name)) + len(files.getlist(name))
        if times > 1:
            raise InvalidInputError(
                f"The part {name[:60]!r} was sent {times} times.",
                code="duplicate_part",
            )
        if name != "item" and name in fields:
            raise InvalidInputError(
                f"There is no text part {name[:60]!r}; the JSON goes into 'item'.",
                code="unknown_part",
            )
    text = fields.get("item")
    if text is None:
        raise InvalidInputError(
            "The text part 'item' with the JSON is missing.", code="missing_part"
        )
    if UNREADABLE in text:
        raise InvalidInputError("JSON is sent in UTF-8.", code="not_utf8")
    return text.encode(), {name: files.getlist(name)[0] for name in files}


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(
        f"The body is larger than {limit:,} bytes. Send fewer items at once.",
        code="body_too_large",
    )

"""The id of the request being answered, for logs and records that know no request."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")

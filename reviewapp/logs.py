"""Logs as one JSON object a line, so that a value can never forge a line."""

import json
import logging
from datetime import UTC, datetime

from reviewapp.tracing import request_id

STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
NEVER_LOGGED = frozenset({"request"})


class JsonFormatter(logging.Formatter):
    """Write a record's event, its level, its own fields and its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line for a record."""
        at = datetime.fromtimestamp(record.created, tz=UTC).isoformat()
        line: dict[str, object] = {
            "at": at,
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        extra = vars(record).keys() - STANDARD_FIELDS - NEVER_LOGGED
        line |= {name: getattr(record, name) for name in sorted(extra)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=True)

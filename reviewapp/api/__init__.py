"""The machines' door: schema in, one service, schema out."""

from reviewapp.api.wiring import api

__all__ = ["api"]

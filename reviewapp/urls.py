"""Addresses of both halves; the measuring half is named as a string only."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []

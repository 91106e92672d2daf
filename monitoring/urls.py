"""Addresses of the measuring half, below a line's own."""

from django.urls import path

from monitoring.views import lines

urlpatterns = [
    path("", lines.line, name="line"),
    path("raise/", lines.raise_level, name="level-raise"),
    path("class-by-class/", lines.confusion, name="line-confusion"),
    path("alarms/<int:alarm_id>/clear/", lines.clear_alarm, name="alarm-clear"),
]

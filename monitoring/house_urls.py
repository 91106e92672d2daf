"""Addresses of the measuring half that belong to no line."""

from django.urls import path

from monitoring.views import alarms, reaches, system

urlpatterns = [
    path("alarms/", alarms.own_alarms, name="alarms"),
    path("account/alarms/", reaches.own_reach, name="own-reach"),
    path("system/", system.system, name="system"),
    path("metrics", system.metrics, name="metrics"),
]

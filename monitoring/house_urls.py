"""Addresses of the measuring half that belong to no line."""

from django.urls import path

from monitoring.views import alarms, reaches, setups, system

urlpatterns = [
    path("alarms/", alarms.own_alarms, name="alarms"),
    path("account/alarms/", reaches.own_reach, name="own-reach"),
    path("lines/new/from-setup/", setups.new_from_setup, name="line-from-setup"),
    path("system/", system.system, name="system"),
    path("metrics", system.metrics, name="metrics"),
]

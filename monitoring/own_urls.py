"""Addresses of the measuring half that belong to a person and to no line."""

from django.urls import path

from monitoring.views import alarms, reaches

urlpatterns = [
    path("alarms/", alarms.own_alarms, name="alarms"),
    path("account/alarms/", reaches.own_reach, name="own-reach"),
]

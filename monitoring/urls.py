"""Addresses of the measuring half, below a line's own."""

from django.urls import path

from monitoring.views import (
    alarm_settings,
    alarms,
    comparing,
    health,
    inputs,
    inspectors,
    lines,
    measuring,
    stages,
    studies,
)

urlpatterns = [
    path("", lines.line, name="line"),
    path("health/", health.health, name="line-health"),
    path("metrics/<slug:key>/", health.metric, name="line-metric"),
    path("agreement/", comparing.agreement, name="line-agreement"),
    path("inputs/", inputs.inputs, name="line-inputs"),
    path("inputs/farthest/", inputs.farthest, name="line-farthest"),
    path("measuring/", measuring.measuring, name="line-measuring"),
    path("measuring/window/", measuring.set_window, name="window-size"),
    path("stages/", stages.stages, name="line-stages"),
    path("report/", comparing.weekly, name="line-report"),
    path("raise/", lines.raise_level, name="level-raise"),
    path("class-by-class/", lines.confusion, name="line-confusion"),
    path("alarms/", alarms.line_alarms, name="line-alarms"),
    path("alarms/<int:alarm_id>/", alarms.alarm, name="alarm"),
    path(
        "alarms/<int:alarm_id>/acknowledge/",
        alarms.acknowledge,
        name="alarm-acknowledge",
    ),
    path("alarms/<int:alarm_id>/snooze/", alarms.snooze, name="alarm-snooze"),
    path("alarms/<int:alarm_id>/hand-over/", alarms.hand_over, name="alarm-hand-over"),
    path("alarms/<int:alarm_id>/note/", alarms.note, name="alarm-note"),
    path("alarms/<int:alarm_id>/clear/", alarms.clear, name="alarm-clear"),
    path("alarms/settings/", alarm_settings.settings_page, name="alarm-settings"),
    path("alarms/settings/terms/", alarm_settings.set_terms, name="alarm-terms"),
    path("alarms/settings/week/", alarm_settings.set_week, name="line-week"),
    path("alarms/settings/pauses/", alarm_settings.plan_pause, name="pause-plan"),
    path(
        "alarms/settings/pauses/<int:pause_id>/withdraw/",
        alarm_settings.withdraw_pause,
        name="pause-withdraw",
    ),
    path("alarms/settings/webhooks/", alarm_settings.make_webhook, name="webhook-make"),
    path(
        "alarms/settings/webhooks/<int:webhook_id>/end/",
        alarm_settings.end_webhook,
        name="webhook-end",
    ),
    path(
        "alarms/settings/webhooks/<int:webhook_id>/enable/",
        alarm_settings.enable_webhook,
        name="webhook-enable",
    ),
    path("inspectors/", inspectors.inspectors, name="line-inspectors"),
    path("inspectors/by-name/", inspectors.by_name, name="inspectors-by-name"),
    path("studies/plan/", studies.plan, name="study-plan"),
    path("studies/<int:number>/", studies.study, name="study"),
    path("studies/<int:number>/close/", studies.close, name="study-close"),
    path("studies/<int:number>/read/", studies.read, name="study-read"),
    path("studies/<int:number>/take-back/", studies.take_back, name="study-take-back"),
    path(
        "studies/<int:number>/read/<int:place>/medium/",
        studies.medium,
        name="study-medium",
    ),
]

"""Celery's wiring: what ticks, and how work survives a killed worker."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewapp.settings")

LONGEST_SWEEP_S = 60
LONGEST_JOB_S = 4 * 3600

app = Celery("rung")
app.conf.update(
    broker_url=settings.BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        # Without the last two, work of a killed worker waits 100 s to be found again.
        "visibility_timeout": LONGEST_JOB_S + 600,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
    },
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    result_backend=None,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    task_time_limit=LONGEST_SWEEP_S,
    task_default_queue="sweeps",
    timezone="UTC",
    # A tick says "do what is due" and is stale by the next one, which says it too.
    beat_schedule={
        name: {
            "task": task,
            "schedule": every_s,
            "options": {"expires": max(every_s, 1.0), "queue": queue},
        }
        for name, task, every_s, queue in [
            ("predict", "reviewapp.tasks.predict_pending", 1.0, "sweeps"),
            ("route", "reviewapp.tasks.route_overdue", 1.0, "sweeps"),
            ("settle", "reviewapp.tasks.settle_answered", 1.0, "sweeps"),
            ("send-back", "reviewapp.tasks.send_back", 1.0, "sweeps"),
            ("number-feed", "reviewapp.tasks.number_feed", 1.0, "sweeps"),
            ("count-queues", "reviewapp.tasks.count_queues", 5.0, "sweeps"),
            ("bring-forward", "reviewapp.tasks.bring_forward", 10.0, "sweeps"),
            ("handling", "reviewapp.tasks.follow_handling", 3600.0, "long"),
            ("placing", "reviewapp.tasks.place_what_waits", 2.0, "long"),
            ("shifts", "reviewapp.tasks.keep_shifts", 60.0, "sweeps"),
            ("breaks", "reviewapp.tasks.bring_breaks_forward", 60.0, "sweeps"),
            ("paces", "reviewapp.tasks.keep_paces", 3600.0, "long"),
            ("roll-up", "monitoring.tasks.roll_up_hours", 15.0, "sweeps"),
            ("measure", "monitoring.tasks.measure_lines", 60.0, "sweeps"),
            ("compare", "monitoring.tasks.compare_lines", 60.0, "long"),
            ("judge", "monitoring.tasks.judge_lines", 60.0, "sweeps"),
            ("audits", "monitoring.tasks.follow_audits", 3600.0, "long"),
            ("audit-rates", "monitoring.tasks.keep_audit_rates", 1800.0, "long"),
            ("canaries", "monitoring.tasks.advance_canaries", 300.0, "sweeps"),
            ("send", "monitoring.tasks.send_deliveries", 5.0, "sweeps"),
            ("drop-deliveries", "monitoring.tasks.drop_deliveries", 3600.0, "sweeps"),
            ("sample-host", "monitoring.tasks.sample_model_host", 10.0, "sweeps"),
            ("thin-samples", "monitoring.tasks.thin_samples", 600.0, "sweeps"),
            ("jobs", "reviewapp.tasks.run_snapshots", 2.0, "long"),
            ("training", "monitoring.tasks.run_trainings", 5.0, "long"),
            ("demo", "monitoring.tasks.play_demo_histories", 5.0, "long"),
        ]
    },
)
app.autodiscover_tasks()

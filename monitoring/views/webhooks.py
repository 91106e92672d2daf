"""Webhooks of a line: where its alarms are sent, and what got there."""

from collections.abc import Callable

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from monitoring.forms.alarms import WebhookForm
from monitoring.models import Webhook
from monitoring.services import webhooks
from monitoring.services.deliveries import KEPT, sent_lately
from reviewapp import access
from reviewapp.errors import RefusedError
from reviewapp.forms.signing import PasswordForm
from reviewapp.models import ProductLine, Role, User
from reviewapp.pages import PageRequest, page

SHOWN = 100
Act = Callable[..., str | None]


def _line_for(user: User, slug: str) -> ProductLine:
    return access.line_for(user, slug, Role.MANAGER, or_admin=True)


@require_GET
@access.signed_in
def line_webhooks(request: PageRequest, slug: str) -> HttpResponse:
    """Show where a line's alarms are sent, and what became of each."""
    return _page(request, _line_for(request.user, slug))


def _page(
    request: PageRequest,
    line: ProductLine,
    *,
    status: int = 200,
    acted_on: int | None = None,
    **changes: object,
) -> HttpResponse:
    refused = request.POST if acted_on else None
    standing = [
        {
            "webhook": one,
            "form": _act_form(
                request.user, one.pk, refused if one.pk == acted_on else None
            ),
        }
        for one in line.webhooks.standing()
    ]
    context = {
        "line": line,
        "tab": "alarms",
        "roles": access.roles_on(request.user, line),
        "form": WebhookForm(person=request.user),
        "standing": standing,
        "deliveries": sent_lately(line, at=timezone.now())[:SHOWN],
        "kept_days": KEPT.days,
        "most": SHOWN,
    }
    return page(request, "alarms/webhooks.html", context | changes, status=status)


def _act_form(user: User, webhook_id: int, sent: QueryDict | None) -> PasswordForm:
    return PasswordForm(sent, person=user, auto_id=f"webhook-{webhook_id}-%s")


@require_POST
@access.signed_in
def make_webhook(request: PageRequest, slug: str) -> HttpResponse:
    """Make a webhook; its secret is shown this once."""
    line = _line_for(request.user, slug)
    form = WebhookForm(request.POST, person=request.user)
    if not form.is_valid():
        return _page(request, line, status=422, form=form)
    try:
        _made, secret = webhooks.make_webhook(
            line, url=form.cleaned_data["url"], by=request.user
        )
    except RefusedError as refusal:
        form.add_error("url", refusal.message)
        return _page(request, line, status=422, form=form)
    return _page(request, line, secret=secret)


@require_POST
@access.signed_in
def end_webhook(request: PageRequest, slug: str, webhook_id: int) -> HttpResponse:
    """Send nothing more to a webhook."""
    return _act(request, slug, webhook_id, webhooks.end_webhook)


@require_POST
@access.signed_in
def enable_webhook(request: PageRequest, slug: str, webhook_id: int) -> HttpResponse:
    """Send to a webhook again that was disabled after too many failures."""
    return _act(request, slug, webhook_id, webhooks.enable_webhook)


@require_POST
@access.signed_in
def renew_secret(request: PageRequest, slug: str, webhook_id: int) -> HttpResponse:
    """Give a webhook another secret, which is shown this once."""
    return _act(request, slug, webhook_id, webhooks.renew_secret)


def _act(request: PageRequest, slug: str, webhook_id: int, act: Act) -> HttpResponse:
    line = _line_for(request.user, slug)
    webhook: Webhook = get_object_or_404(line.webhooks, pk=webhook_id)
    if not _act_form(request.user, webhook.pk, request.POST).is_valid():
        return _page(request, line, status=422, acted_on=webhook.pk)
    try:
        secret = act(webhook, by=request.user)
    except RefusedError as refusal:
        return _page(request, line, status=409, refusal=refusal.message)
    if secret is not None:
        return _page(request, line, secret=secret)
    return redirect("line-webhooks", slug=line.slug)

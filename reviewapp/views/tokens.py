"""The tokens by which machines hand in items and read decisions."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from reviewapp import access
from reviewapp.forms.tokens import TokenForm
from reviewapp.models import Role, Scope
from reviewapp.pages import PageRequest, page
from reviewapp.services import tokens


@require_http_methods(["GET", "POST"])
@access.signed_in
def line_tokens(request: PageRequest, slug: str) -> HttpResponse:
    """List a line's tokens, and make one; its secret is shown this once."""
    line = access.line_for(request.user, slug, Role.MANAGER, or_admin=True)
    form = TokenForm(request.POST or None)
    secret = ""
    status = 200
    if request.method == "POST" and form.is_valid():
        _token, secret = tokens.create_token(
            line,
            name=form.cleaned_data["name"],
            scopes=[Scope(scope) for scope in form.cleaned_data["scopes"]],
            life=timedelta(days=form.cleaned_data["days"]),
            by=request.user,
        )
        form = TokenForm()
    elif request.method == "POST":
        status = 422
    context = {
        "line": line,
        "tab": "tokens",
        "roles": access.roles_on(request.user, line),
        "form": form,
        "secret": secret,
        "tokens": tokens.live_tokens(line),
    }
    return page(request, "lines/tokens.html", context, status=status)


@require_POST
@access.signed_in
def revoke(request: PageRequest, slug: str, token_id: int) -> HttpResponse:
    """End a token at once."""
    line = access.line_for(request.user, slug, Role.MANAGER, or_admin=True)
    tokens.revoke_token(access.token_of(line, token_id), by=request.user)
    return redirect("line-tokens", slug=line.slug)

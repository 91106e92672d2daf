"""Bearer tokens: the machines' only way in."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from reviewapp.api.problems import NowhereError, UnauthenticatedError
from reviewapp.errors import NotAllowedError
from reviewapp.models import ProductLine, Scope, Token
from reviewapp.services import tokens


class TokenRequest(HttpRequest):
    """A request that came with a good token."""

    auth: Token


class TokenAuth(HttpBearer):
    """Check a token's secret, end and revocation."""

    def __call__(self, request: HttpRequest) -> Any:  # noqa: ANN401 - ninja's
        """Refuse a request without a bearer token in our own words."""
        authorization = request.headers.get("Authorization", "")
        if not authorization.lower().startswith("bearer "):
            raise UnauthenticatedError(
                "Send a token of the line as 'Authorization: Bearer …'."
            )
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, token: str) -> Token:
        """Find the token; each refusal says what to do."""
        del request
        found = tokens.token_for(token)
        if found is None:
            raise UnauthenticatedError(
                "This token is not known here.", code="token_unknown"
            )
        if found.revoked_at is not None:
            raise UnauthenticatedError(
                "This token was revoked. Ask a manager of the line for another one.",
                code="token_revoked",
            )
        if found.expires_at <= timezone.now():
            raise UnauthenticatedError(
                "This token has expired. Ask a manager of the line for another one.",
                code="token_expired",
            )
        tokens.note_use(found)
        return found


def line_for(request: HttpRequest, slug: str, scope: Scope) -> ProductLine:
    """Give the token's line, if that is the one asked for and the scope allows it."""
    token = cast("TokenRequest", request).auth
    if token.line.slug != slug:
        raise NowhereError("There is no such line for this token.")
    if scope.value not in token.scopes:
        raise NotAllowedError(
            f"This token may not {scope.label.lower()}. Its scopes are: "
            f"{', '.join(token.scopes)}.",
            code="scope_missing",
        )
    return token.line

"""Tokens of machines: made once, shown once, checked by hash."""

from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest
from secrets import token_hex, token_urlsafe

from django.db.models import F, Q
from django.utils import timezone

from reviewapp.models import ProductLine, Scope, Token, User
from reviewapp.services.records import record

LONGEST_LIFE = timedelta(days=365)
NOTE_USE_AFTER = timedelta(minutes=5)


def create_token(
    line: ProductLine,
    *,
    name: str,
    scopes: list[Scope],
    life: timedelta = LONGEST_LIFE,
    by: User | None,
) -> tuple[Token, str]:
    """Make a token; the secret is returned here and never again."""
    prefix = f"rung_{token_hex(4)}"
    secret = f"{prefix}_{token_urlsafe(32)}"
    token = Token.objects.create(
        line=line,
        name=name,
        prefix=prefix,
        secret_sha256=_hash(secret),
        scopes=[scope.value for scope in scopes],
        created_by=by,
        expires_at=timezone.now() + min(life, LONGEST_LIFE),
    )
    record(
        "token.created",
        actor=by.pseudonym if by else "system",
        line=line,
        subject=prefix,
        details={"scopes": token.scopes},
    )
    return token, secret


def revoke_token(token: Token, *, by: User) -> None:
    """End a token's life at once."""
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
    record("token.revoked", actor=by.pseudonym, line=token.line, subject=token.prefix)


def token_for(secret: str) -> Token | None:
    """Find the token that a secret belongs to, revoked and expired ones included."""
    prefix = "_".join(secret.split("_", 2)[:2])
    found = (
        Token.objects.filter(prefix=prefix)
        .select_related("line__policy__live", "line__policy__candidate", "line__schema")
        .first()
    )
    if found is None or not compare_digest(found.secret_sha256, _hash(secret)):
        return None
    return found


def note_use(token: Token) -> None:
    """Remember that a token was used, now and then rather than each time."""
    now = timezone.now()
    Token.objects.filter(
        Q(last_used_at=None) | Q(last_used_at__lt=now - NOTE_USE_AFTER), pk=token.pk
    ).update(last_used_at=now)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def live_tokens(line: ProductLine) -> list[Token]:
    """Tokens of a line, the newest first, revoked ones last."""
    return list(line.tokens.order_by(F("revoked_at").desc(nulls_first=True), "-pk"))

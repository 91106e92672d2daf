"""The debrief at the end of a shift: the person's own, whatever role others have."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from monitoring.services.debriefs import debrief_of
from reviewapp import access
from reviewapp.pages import PageRequest, page
from reviewapp.services.several import beside_gold, names_on
from reviewapp.services.workbench import cells_of


@require_GET
@access.signed_in
def shift(request: PageRequest, slug: str, shift_id: int) -> HttpResponse:
    """Show a shift's time, gold and flips to its own person; to all others nothing."""
    own = access.own_shift(request.user, slug, shift_id)
    found = debrief_of(own)
    names = names_on(own.line) if own.line.allows_several else None
    context = {
        "line": own.line,
        "tab": "inspectors",
        "roles": access.roles_on(request.user, own.line),
        "debrief": found,
        "told": [
            {
                "read": read,
                "beside": beside_gold(read, own.line, names) if names else None,
                "payload": getattr(read.gold.item, "payload", None),
                "cells": cells_of(read.gold.item.payload, own.line.schema)
                if hasattr(read.gold.item, "payload")
                else [],
            }
            for read in found.gold_here.otherwise
        ],
    }
    return page(request, "shifts/debrief.html", context)

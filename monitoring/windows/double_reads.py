"""Double reads: items that were given to two blind readers, whatever the first said.

An audit that one person reads is read again only where that one overruled the model, an
item that came back to people likewise, and one that nobody could tell until somebody
can. Chosen by what was said, people would seem to agree less than they do.
"""

from django.db.models import F, Q

from reviewapp.policy import Route

# Of a routing and its policy, in SQL, as ``reads_wanted`` has it of one routing.
BLIND_TO_TWO = f"""
(routing.route = '{Route.BLIND.value}'
    AND (routing.overlap_draw < routing.overlap_share OR policy.reads_per_item > 1))
"""
GIVEN_TO_TWO = f"""
({BLIND_TO_TWO} OR routing.route = '{Route.AUDIT.value}' AND policy.audit_reads > 1)
"""


def given_to_two(routing: str) -> Q:
    """Select what was given to two readers, by the path to its routing."""
    by_lot = Q((f"{routing}__overlap_draw__lt", F(f"{routing}__overlap_share")))
    always = Q((f"{routing}__policy__reads_per_item__gt", 1))
    blind = Q((f"{routing}__route", Route.BLIND.value)) & (by_lot | always)
    audited = Q((f"{routing}__route", Route.AUDIT.value)) & Q(
        (f"{routing}__policy__audit_reads__gt", 1)
    )
    return blind | audited

"""Agreement, audit and calibration: people and the model on the same items.

By what people had in sight, and never mixed: a label given with the prediction on the
screen follows it too often to be a witness.
"""

from monitoring.catalogue.metrics import Family, Metric, Ratio, Rows, Statistic, Unit
from monitoring.catalogue.metrics import gettext_noop as _

BLIND = Rows(measures=("pair",), is_blind=True)
AUDITED = Rows(measures=("pair",), routes=("audit",), is_blind=True)
# What people decide and what the model does are looked at with other chances: only
# weighted do both together say something of all items.
AGREED = Ratio(
    part=Rows(measures=("pair",), is_blind=True, agreed=True),
    whole=BLIND,
    is_weighted=True,
)

AGREEMENT = (
    Metric(
        key="agreement",
        family=Family.AGREEMENT,
        unit=Unit.SHARE,
        reads=AGREED,
        title=_("Agreement on blind items"),
        meaning=_(
            "Of blind pairs, those in which model and person said the same, each for "
            "the items it was drawn from."
        ),
        rise=_("The model fits the items better, or only easy ones are left."),
        fall=_("New items, a changed camera, a changed rule, or careless people."),
        formula=2,
        lower=0.9,
    ),
    Metric(
        key="agreement_shown",
        family=Family.AGREEMENT,
        unit=Unit.SHARE,
        reads=Ratio(
            part=Rows(measures=("shown",), agreed=True), whole=Rows(measures=("shown",))
        ),
        title=_("Agreement with the prediction in sight"),
        meaning=_(
            "Of labels given with the prediction in sight, those that follow it."
        ),
        rise=_("A better model, or people who follow it without a look."),
        fall=_("A worse model, or people who have stopped to trust it."),
    ),
    Metric(
        key="agreement_people",
        family=Family.AGREEMENT,
        unit=Unit.SHARE,
        reads=Ratio(
            part=Rows(measures=("readers",), agreed=True, of_version=False),
            whole=Rows(measures=("readers",), of_version=False),
        ),
        title=_("Agreement of two readers"),
        meaning=_(
            "Of items read blind by two people, those on which both said the same."
        ),
        rise=_("A clearer label book, or easier items."),
        fall=_("A label book that leaves something open, or careless people."),
        formula=2,
        lower=0.9,
        fewest=100,
    ),
    Metric(
        key="missed_share",
        family=Family.AGREEMENT,
        unit=Unit.SHARE,
        reads=Ratio(
            part=Rows(
                measures=("pair",), is_blind=True, predicted="pass", answered="reject"
            ),
            whole=Rows(measures=("pair",), is_blind=True, answered="reject"),
            is_weighted=True,
        ),
        title=_("Defects that the model passes"),
        meaning=_(
            "Of blind items that people reject, those that the model would pass."
        ),
        rise=_("A new or hidden defect, or less light."),
        fall=_("The known defects have become plainer."),
        formula=2,
        upper=0.1,
        fewest=50,
    ),
    Metric(
        key="overkill_share",
        family=Family.AGREEMENT,
        unit=Unit.SHARE,
        reads=Ratio(
            part=Rows(
                measures=("pair",), is_blind=True, predicted="reject", answered="pass"
            ),
            whole=Rows(measures=("pair",), is_blind=True, answered="pass"),
            is_weighted=True,
        ),
        title=_("Good items that the model rejects"),
        meaning=_(
            "Of blind items that people pass, those that the model would reject."
        ),
        rise=_("Dirt or fibres that look like a defect, or laxer people."),
        fall=_("Cleaner items, or stricter people."),
        formula=2,
        upper=0.1,
    ),
    Metric(
        key="audit_escapes",
        family=Family.AUDIT,
        unit=Unit.SHARE,
        reads=Ratio(
            part=Rows(
                measures=("pair",),
                routes=("audit",),
                is_blind=True,
                predicted="pass",
                answered="reject",
            ),
            whole=Rows(
                measures=("pair",), routes=("audit",), is_blind=True, predicted="pass"
            ),
            is_weighted=True,
        ),
        title=_("Escapes among audited passes"),
        meaning=_("Of audited items that the model passed, those that people reject."),
        rise=_("Something passes the model that should not leave the door."),
        fall=_("What had changed has been mended."),
        formula=2,
        upper=0.02,
        fewest=100,
    ),
    Metric(
        key="audit_overkill",
        family=Family.AUDIT,
        unit=Unit.SHARE,
        reads=Ratio(
            part=Rows(
                measures=("pair",),
                routes=("audit",),
                is_blind=True,
                predicted="reject",
                answered="pass",
            ),
            whole=Rows(
                measures=("pair",), routes=("audit",), is_blind=True, predicted="reject"
            ),
            is_weighted=True,
        ),
        title=_("Overkill among audited rejects"),
        meaning=_("Of audited items that the model rejected, those that people pass."),
        rise=_("Good items are thrown away."),
        fall=_("What looked like a defect is gone."),
        formula=2,
        upper=0.1,
        fewest=50,
    ),
    Metric(
        key="escape_rate",
        family=Family.AUDIT,
        unit=Unit.SHARE,
        reads=Statistic(name="weighted_escapes"),
        title=_("Escape rate of all that is passed"),
        meaning=_(
            "Defective items among all that left as passed, from audits and reviews "
            "weighted by their chance of a look; exact interval by stratum."
        ),
        rise=_("More defective items leave the door."),
        fall=_("Fewer defective items leave the door."),
        formula=2,
        fewest=30,
    ),
    Metric(
        key="overkill_rate",
        family=Family.AUDIT,
        unit=Unit.SHARE,
        reads=Statistic(name="weighted_overkill"),
        title=_("Overkill rate of all good items"),
        meaning=_(
            "Good items that the model rejected, of all good ones that it decided, "
            "from audits weighted by their chance of a look; exact interval by stratum."
        ),
        rise=_("More good items are thrown away."),
        fall=_("Fewer good items are thrown away."),
        fewest=50,
    ),
    Metric(
        key="calibration_error",
        family=Family.CALIBRATION,
        unit=Unit.SHARE,
        reads=Statistic(name="calibration_error"),
        title=_("Calibration error"),
        meaning=_(
            "Mean gap between confidence and accuracy on blind pairs, over 15 bins. "
            "Chance alone makes it large where pairs are few: its interval is judged."
        ),
        rise=_("The model is surer or less sure than it is right."),
        fall=_("Confidence means more nearly what it says."),
        formula=3,
        upper=0.08,
    ),
    Metric(
        key="brier",
        family=Family.CALIBRATION,
        unit=Unit.PLAIN,
        reads=Statistic(name="brier", has_interval=False),
        title=_("Brier score"),
        meaning=_("Mean squared distance of confidence and outcome on blind pairs."),
        rise=_("More errors, or errors made with more confidence."),
        fall=_("Fewer errors, or doubt in the right places."),
        is_offered=True,
        formula=2,
    ),
)

"""Set-ups: what people decided about a line, carried to another one, and no trust."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from monitoring.models import Bound, MetricState
from monitoring.services.alarm_terms import set_terms, terms_of
from monitoring.services.bounds import set_bound
from monitoring.services.setups import make_line, read_setup, setup_of, write_setup
from reviewapp.errors import InvalidInputError
from reviewapp.models import GoldTerms, ProductLine, QueueTerms, SkipPolicy, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import gold
from tests import factories

pytestmark = pytest.mark.django_db
BACKEND = "reviewapp.sessions.PersonBackend"


@pytest.fixture
def settled(line: ProductLine, mia: User) -> ProductLine:
    """A line at partial whose people have decided this and that."""
    ProductLine.objects.filter(pk=line.pk).update(
        skip_policy=SkipPolicy.OUT,
        skip_reasons=["Film still on"],
        least_look_s=3,
        shows_earlier_answers=True,
    )
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        blind_share=0.4,
        reads_per_item=2,
        audit_shares={"ok": 0.3},
        requirements={"agreement": 0.97, "canary_steps": [0.1, 1.0]},
    )
    set_bound(
        line,
        "agreement",
        lower=0.9,
        upper=None,
        fewest=100,
        state=MetricState.MUTED,
        by=mia,
    )
    QueueTerms.objects.create(
        line=line, rule="mixed", age_share=0.4, due_after_min=90, claim_is_fixed=True
    )
    terms = GoldTerms(rest_days=30, most_reads=12, least_hits=0.8, valid_days=90)
    gold.set_terms(line, terms, share=0.05, qualification_size=20, by=mia)
    set_terms(line, lowers_to={"escapes": 0}, cool_down_h=9, fresh_labels=50, by=mia)
    return line


def test_a_line_of_a_set_up_has_its_settings_and_none_of_its_trust(
    settled: ProductLine, ada: User
) -> None:
    body = write_setup(setup_of(settled))

    made = make_line(read_setup(body), name="Line two", by=ada)

    made = ProductLine.objects.with_policy().get(pk=made.pk)
    assert made.in_force.level == AutomationLevel.MANUAL
    assert made.in_force.live is None
    assert made.in_force.certificates == {}
    assert made.in_force.terms().requirements.canary_steps == (0.1, 1.0)
    assert terms_of(made).cool_down_h == 9
    assert made.in_force.reads_per_item == 2
    assert (made.gold_share, made.gold_terms.rest_days) == (0.05, 30)
    assert made.qualification_size == 0, "there is no gold yet to pass one with"
    assert (made.skip_policy, made.skip_reasons) == ("out", ["Film still on"])
    assert Bound.objects.in_force(made).get().state == MetricState.MUTED
    assert (made.queue_terms.rule, made.queue_terms.due_after_min) == ("mixed", 90)
    assert made.queue_terms.salt != settled.queue_terms.salt, "a secret of its own"
    again = setup_of(made).model_copy(update={"name": settled.name})
    assert write_setup(again) == body


def test_definitions_of_the_label_book_travel_and_its_examples_stay(
    settled: ProductLine, mia: User, ada: User
) -> None:
    factories.make_edition(settled, by=mia, ok="no mark", scratch="over 2 mm")

    made = make_line(setup_of(settled), name="Line two", by=ada)

    edition = made.editions.get()
    made.refresh_from_db()
    assert (made.edition, edition.note) == (edition, "from a set-up file")
    texts = edition.definitions.order_by("pk").values_list("text", flat=True)
    assert list(texts) == ["no mark", "over 2 mm"]
    assert not edition.examples.exists()


@pytest.mark.parametrize(
    ("bend", "said"),
    [
        ({"rung_setup": 2}, "/rung_setup"),
        ({"level": 4}, "/level"),
        ({"classes": []}, "/classes"),
        ({"modality": "smell"}, "/modality"),
        ({"claim_length_s": "long"}, "/claim_length_s"),
    ],
)
def test_what_is_no_set_up_is_refused_with_its_place(
    settled: ProductLine, bend: dict[str, object], said: str
) -> None:
    sent = json.loads(write_setup(setup_of(settled))) | bend

    with pytest.raises(InvalidInputError) as refused:
        read_setup(json.dumps(sent).encode())

    assert refused.value.code == "invalid_setup"
    assert refused.value.faults[0].where["pointer"] == said


@pytest.mark.parametrize(
    "bend",
    [
        {"requirements": {"agreement": 0.6}},
        {"requirements": {"agreement": 7.0}},
        {"audit_shares": {"ok": 0.0}},
    ],
)
def test_a_set_up_goes_below_no_floor_and_leaves_nothing_behind(
    settled: ProductLine, ada: User, bend: dict[str, object]
) -> None:
    sent = json.loads(write_setup(setup_of(settled)))
    sent["policy"] |= bend

    with pytest.raises(InvalidInputError):
        make_line(read_setup(json.dumps(sent).encode()), name="Line two", by=ada)

    assert ProductLine.objects.count() == 1


def test_an_admin_carries_a_set_up_over_in_the_browser(
    settled: ProductLine, ada: User, mia: User
) -> None:
    managers, admins = Client(), Client()
    managers.force_login(mia, backend=BACKEND)
    admins.force_login(ada, backend=BACKEND)
    given = managers.get(f"/lines/{settled.slug}/setup.json")
    file = SimpleUploadedFile("a.json", given.content, content_type="text/plain")

    made = admins.post("/lines/new/from-setup/", {"name": "Line two", "file": file})
    copied = admins.post(
        "/lines/new/from-setup/", {"name": "Line three", "line": settled.slug}
    )
    broken = admins.post(
        "/lines/new/from-setup/",
        {"name": "Line four", "file": SimpleUploadedFile("b.json", b'{"a": NaN}')},
    )
    neither = admins.post("/lines/new/from-setup/", {"name": "Line four"})

    assert given["Content-Disposition"] == (
        'attachment; filename="phone-screens.setup.json"'
    )
    assert made["Location"] == "/lines/line-two/settings/"
    assert copied["Location"] == "/lines/line-three/settings/"
    assert broken.status_code == neither.status_code == 422
    assert "NaN" in broken.content.decode()
    assert "one of the two" in neither.content.decode()
    assert ProductLine.objects.count() == 3

"""Addresses of both halves; the measuring half is named as a string only."""

from django.contrib.auth.views import LoginView
from django.urls import URLPattern, URLResolver, include, path

from reviewapp.api import api
from reviewapp.views import (
    asides,
    board,
    books,
    datasets,
    disputes,
    gold,
    gold_runs,
    health,
    items,
    levels,
    lines,
    memberships,
    people,
    reviews,
    shifts,
    tokens,
    versions,
)

handler400 = "reviewapp.views.refusals.bad_request"
handler403 = "reviewapp.views.refusals.not_allowed"
handler404 = "reviewapp.views.refusals.not_found"

sign_in = LoginView.as_view(
    template_name="people/sign_in.html", redirect_authenticated_user=True
)

of_line: list[URLPattern | URLResolver] = [
    path("", include("monitoring.urls")),
    path("lower/", levels.lower, name="level-lower"),
    path("roll-back/", levels.roll_back, name="policy-roll-back"),
    path("narrow/", levels.narrow, name="canary-narrow"),
    path("look/", levels.look, name="line-look"),
    path("settings/", lines.settings, name="line-settings"),
    path("settings/classes/", lines.add_class, name="class-add"),
    path(
        "settings/classes/<int:class_id>/retire/",
        lines.retire_class,
        name="class-retire",
    ),
    path("golden/", lines.golden, name="line-golden"),
    path("settings/bench/", lines.change_bench, name="line-bench"),
    path("settings/looks/", lines.change_looks, name="line-looks"),
    path("settings/order/", lines.change_order, name="line-order"),
    path("people/", memberships.memberships, name="line-people"),
    path("people/<int:membership_id>/end/", memberships.end, name="membership-end"),
    path("tokens/", tokens.line_tokens, name="line-tokens"),
    path("tokens/<int:token_id>/revoke/", tokens.revoke, name="token-revoke"),
    path("set-aside/", asides.asides, name="line-asides"),
    path("set-aside/<int:aside_id>/return/", asides.send_back, name="aside-return"),
    path("set-aside/<int:aside_id>/close/", asides.close, name="aside-close"),
    path("items/", items.items, name="line-items"),
    path("items/<uuid:item_id>/", items.item, name="line-item"),
    path("items/<uuid:item_id>/medium/", items.medium, name="item-medium"),
    path("items/<uuid:item_id>/golden/", items.set_golden, name="item-golden"),
    path(
        "items/<uuid:item_id>/show-prediction/",
        items.show_prediction,
        name="item-show-prediction",
    ),
    path("items/<uuid:item_id>/example/", books.add_example, name="book-example-add"),
    path("items/<uuid:item_id>/gold/", gold.make, name="gold-make"),
    path("gold/", gold.gold_of_line, name="line-gold"),
    path("gold/terms/", gold.set_terms, name="gold-terms"),
    path("gold/<int:gold_id>/retire/", gold.retire, name="gold-retire"),
    path("gold/runs/begin/", gold_runs.begin, name="gold-run-begin"),
    path("gold/runs/<int:run_id>/", gold_runs.run, name="gold-run"),
    path(
        "gold/runs/<int:run_id>/<int:place>/medium/",
        gold_runs.medium,
        name="gold-run-medium",
    ),
    path("book/", books.book, name="line-book"),
    path("book/news/", books.news, name="book-news"),
    path("book/draft/", books.draft, name="book-draft"),
    path("book/draft/begin/", books.begin, name="book-begin"),
    path("book/draft/publish/", books.publish, name="book-publish"),
    path("book/draft/discard/", books.discard, name="book-discard"),
    path(
        "book/examples/<uuid:example_id>/remove/",
        books.remove_example,
        name="book-example-remove",
    ),
    path("book/examples/<uuid:example_id>/medium/", books.medium, name="book-medium"),
    path("versions/", versions.versions, name="line-versions"),
    path("versions/train/", versions.train, name="version-train"),
    path(
        "versions/<int:version_id>/put-live/",
        versions.put_live,
        name="version-put-live",
    ),
    path("versions/<int:version_id>/try/", versions.put_on_trial, name="version-try"),
    path("versions/withdraw/", versions.withdraw, name="candidate-withdraw"),
    path("versions/return/", versions.return_to_previous, name="version-return"),
    path("datasets/", datasets.line_datasets, name="line-datasets"),
    path("datasets/<int:number>.jsonl", datasets.export_jsonl, name="dataset-jsonl"),
    path("datasets/<int:number>.csv", datasets.export_csv, name="dataset-csv"),
    path(
        "datasets/<int:number>.manifest.json",
        datasets.manifest,
        name="dataset-manifest",
    ),
    path("review/", reviews.queue, name="review-queue"),
    path("review/begin/", reviews.begin, name="review-begin"),
    path("review/undo/", reviews.undo, name="review-undo"),
    path("review/put-back/", reviews.put_back, name="review-put-back"),
    path("review/hold/", reviews.hold, name="review-hold"),
    path("settings/breaks/", lines.change_breaks, name="line-breaks"),
    path("shifts/", shifts.own_shifts, name="line-shifts"),
    path("shifts/end/", shifts.end, name="shift-end"),
    path(
        "shifts/adjudicated/<int:label_id>/medium/",
        shifts.otherwise_medium,
        name="otherwise-medium",
    ),
    path(
        "shifts/adjudicated/<int:label_id>/dispute/",
        disputes.dispute_decision,
        name="decision-dispute",
    ),
    path("shifts/gold/<int:read_id>/medium/", shifts.told_medium, name="told-medium"),
    path(
        "shifts/gold/<int:read_id>/dispute/",
        disputes.dispute_gold,
        name="gold-dispute",
    ),
    path("disputes/", disputes.line_disputes, name="line-disputes"),
    path("disputes/<int:dispute_id>/answer/", disputes.answer, name="dispute-answer"),
]

of_review: list[URLPattern | URLResolver] = [
    path("", reviews.review, name="review"),
    path("answer/", reviews.answer, name="review-answer"),
    path("skip/", reviews.skip, name="review-skip"),
    path("flag/", reviews.flag, name="review-flag"),
    path("release/", reviews.release, name="review-release"),
    path("correct/", reviews.correct, name="review-correct"),
    path("medium/", reviews.medium, name="review-medium"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", board.board, name="board"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("monitoring.house_urls")),
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-out/", people.sign_out, name="sign-out"),
    path("welcome/<str:key>/", people.welcome, name="welcome"),
    path("invitation/<str:name>/<str:key>/", people.invitation, name="invitation"),
    path("account/", people.account, name="account"),
    path("account/keys/", people.own_keys, name="own-keys"),
    path("account/keys/preset/", people.preset_keys, name="keys-preset"),
    path("account/breaks/", people.change_breaks, name="own-breaks"),
    path("account/password/", people.change_password, name="password-change"),
    path("people/", people.everybody, name="people"),
    path(
        "people/<int:user_id>/invitation/",
        people.new_invitation,
        name="person-invitation",
    ),
    path("people/<int:user_id>/active/", people.set_active, name="person-active"),
    path("lines/new/", lines.new_line, name="line-new"),
    path("lines/<slug:slug>/", include(of_line)),
    path("reviews/<uuid:review_id>/", include(of_review)),
    path("api/", api.urls),
]

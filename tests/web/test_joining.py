"""The form lists what is open already; one tap joins it, with script and without."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories
from tests.factories import MORNING, Sent, Street, a_report, upload
from tests.web.reporting import Reporter
from tests.web.staff import signed_in, statements, text_of
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Role
from tracker.extensions import db, transaction
from tracker.models import Case, Place, Report

JSON = {"Accept": "application/json"}


def opened(app: Flask, street: Street, category: str = "A1", **facts: object) -> Sent:
    """A case at the shop, from somebody else's phone."""
    with app.app_context():
        return a_report(street.token, category, **facts)  # type: ignore[arg-type]


def offered(owner: Reporter) -> list[str]:
    """The numbers that the last page offers to join."""
    return [part.split('"')[0] for part in owner.page.split('name="case" value="')[1:]]


def reports(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Report)) or 0


# ---- what is offered


def test_a_place_where_nothing_is_open_offers_nothing(street: Street, owner: Reporter) -> None:
    owner.get(f"/q/{street.token}")
    assert offered(owner) == []
    assert "我也遇到了" not in owner.text()


def test_without_script_the_form_lists_what_is_open_at_this_place(
    app: Flask, street: Street, owner: Reporter
) -> None:
    sent = opened(app, street)
    owner.get(f"/q/{street.token}")
    assert offered(owner) == [sent.number]
    assert "这里正在办的" in owner.text()
    assert "就在这里" in owner.text()
    assert "今天报的" in owner.text()
    assert sent.number not in owner.text()
    assert "纸箱堆在人行道上，轮椅过不去" not in owner.page


def test_three_at_most_the_newest_first_and_none_that_ended(
    app: Flask, street: Street, owner: Reporter
) -> None:
    sent = [opened(app, street) for _ in range(5)]
    with app.app_context():
        factories.walk_to(opened(app, street, "A5").number, State.DECLINED, factories.a_crew())
    owner.get(f"/q/{street.token}")
    assert offered(owner) == [each.number for each in reversed(sent[2:])]


def test_the_listing_costs_one_statement_more_and_reads_no_history(
    app: Flask, street: Street, owner: Reporter
) -> None:
    for _ in range(4):
        opened(app, street, photos=1)
    with statements(app) as seen:
        owner.get(f"/q/{street.token}")
    assert len(seen) <= 4, seen


def test_private_matters_are_never_listed_and_protected_ones_show_no_photo(
    app: Flask, street: Street, owner: Reporter
) -> None:
    private = opened(app, street, "J3", photos=1)
    protected = opened(app, street, "F3", photos=1)
    plain = opened(app, street, "A1", photos=1)
    for path in (f"/q/{street.token}", f"/q/{street.token}/similar?category=J3"):
        owner.get(path)
        assert private.number not in owner.page
    owner.get(f"/q/{street.token}")
    assert offered(owner) == [plain.number, protected.number]
    assert owner.images() == [f"/q/{street.token}/open/{plain.number}"]
    shown = owner.client.get(owner.images()[0])
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    for number in (private.number, protected.number, "261123-9999"):
        assert owner.client.get(f"/q/{street.token}/open/{number}").status_code == 404


def test_a_photo_is_shown_around_its_place_only_and_while_the_case_is_open(
    app: Flask, street: Street, owner: Reporter
) -> None:
    sent = opened(app, street, photos=1)
    with app.app_context():
        far = factories.a_place(name="很远的店")
        with transaction():
            db.session.scalars(select(Place).where(Place.name == "很远的店")).one().lat = 31.39
        crew = factories.a_crew()
    assert owner.client.get(f"/q/{far}/open/{sent.number}").status_code == 404
    with app.app_context():
        factories.take(sent.number, Action.VOID, by=crew[Role.DUTY_LEAD], note="测试")
    assert owner.client.get(f"/q/{street.token}/open/{sent.number}").status_code == 404


def test_the_script_asks_for_the_chosen_category_and_gets_a_part_of_the_page(
    app: Flask, street: Street, owner: Reporter
) -> None:
    bikes, goods = opened(app, street, "A1"), opened(app, street, "A5")
    for category, wanted in (("A1", bikes), ("A5", goods)):
        answer = owner.client.get(f"/q/{street.token}/similar?category={category}")
        part = answer.get_data(as_text=True)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "<html" not in part
        assert part.index(f'value="{wanted.number}"') > 0
        assert "是不是这件事？" in part
    assert owner.client.get(f"/q/{street.token}/similar?category=Z9").get_data(as_text=True).strip() == ""
    assert owner.client.get("/q/ABCDEFGHU/similar?category=A1").status_code == 404


def test_words_go_along_in_a_body_that_stores_nothing(app: Flask, street: Street, owner: Reporter) -> None:
    opened(app, street, "A1", text="共享单车堵住店门口")
    form = owner.fill(street.token, category="A1", text="单车堵门")
    before = reports(app)
    answer = owner.client.post(f"/q/{street.token}/similar", data=form)
    assert answer.status_code == 200
    assert "我也遇到了" in answer.get_data(as_text=True)
    assert reports(app) == before


# ---- one tap


def test_one_tap_joins_and_gives_the_receipt_with_the_private_link(
    app: Flask, street: Street, owner: Reporter
) -> None:
    sent = opened(app, street)
    form = owner.fill(street.token, category="", text="") | {"case": offered(owner)[0]}
    answer = owner.send(street.token, form)
    assert answer.status_code == 303
    owner.get(answer.location)
    assert owner.number() == sent.number
    assert len(owner.code()) == 4
    assert "算上您，2 人遇到了这件事" in owner.text()
    owner.go_on(answer.location)
    assert "2 人遇到了这件事" in owner.text()
    assert "您也遇到了，加入了这件事" in owner.text()
    assert "撤回上报" not in owner.text()


def test_what_is_filled_in_goes_along(app: Flask, street: Street, owner: Reporter) -> None:
    opened(app, street)
    form = owner.fill(street.token, text="我们店门口也堵", phone="13812345678", phone_consent="yes")
    answer = owner.send(street.token, form | {"case": offered(owner)[0], "photos": upload()})
    owner.get(answer.location)
    owner.go_on(answer.location)
    assert "我们店门口也堵" in owner.text()
    assert len([each for each in owner.images() if "/photos/" in each]) == 1
    assert "删除我的电话" in owner.text()


def test_a_double_tap_joins_once(app: Flask, street: Street, owner: Reporter) -> None:
    opened(app, street)
    form = owner.fill(street.token, text="") | {"case": offered(owner)[0]}
    first, second = owner.send(street.token, form), owner.send(street.token, form)
    assert first.location == second.location
    assert reports(app) == 2


def test_the_same_phone_is_told_that_it_reported_already_and_led_to_its_own_page(
    app: Flask, street: Street, owner: Reporter
) -> None:
    address = owner.report(street.token)
    owner.go_on(address)
    form = owner.fill(street.token, text="今天更多了") | {"case": offered(owner)[0]}
    answer = owner.send(street.token, form)
    assert answer.location == f"{address}?progress=1"
    owner.get(answer.location)
    assert "您已经报过这件事" in owner.text()
    assert "今天更多了" in owner.text()
    assert owner.code() == ""
    assert reports(app) == 1
    form = owner.fill(street.token, text="") | {"case": offered(owner)[0]}
    owner.get(owner.send(street.token, form).location)
    assert "您已经报过这件事，不用再报" in owner.text()


def test_a_case_that_ended_meanwhile_gives_the_form_back_with_everything(
    app: Flask, street: Street, owner: Reporter
) -> None:
    sent = opened(app, street, "A5")
    form = owner.fill(street.token, text="我们店门口也堵") | {"case": sent.number, "photos": upload()}
    with app.app_context():
        factories.walk_to(sent.number, State.DECLINED, factories.a_crew())
    answer = owner.send(street.token, form)
    assert answer.status_code == 422
    assert "这件事已经办完" in owner.text()
    assert "我们店门口也堵" in owner.page
    assert len(owner.kept()) == 1
    again = owner.hidden() | {"category": "A5", "text": "我们店门口也堵"}
    assert owner.send(street.token, again).status_code == 303


@pytest.mark.parametrize("number", ["261123-9999", "x", ""])
def test_a_made_up_number_joins_nothing(app: Flask, street: Street, owner: Reporter, number: str) -> None:
    opened(app, street)
    form = owner.fill(street.token, category="", text="") | {"case": number}
    assert owner.send(street.token, form).status_code == 422
    assert reports(app) == 1


def test_the_outbox_joins_too(app: Flask, street: Street, owner: Reporter) -> None:
    sent = opened(app, street)
    form = owner.fill(street.token, text="") | {"case": sent.number}
    answer = owner.send(street.token, form, headers=JSON)
    assert answer.status_code == 201
    assert answer.get_json()["number"] == sent.number


def test_a_refused_form_lists_what_fits_what_was_chosen(app: Flask, street: Street, owner: Reporter) -> None:
    bikes, goods = opened(app, street, "A1"), opened(app, street, "A5")
    assert owner.send(street.token, owner.fill(street.token, category="A1", text="")).status_code == 422
    assert offered(owner)[0] == bikes.number
    assert goods.number not in offered(owner)
    assert "是不是这件事？" in owner.text()


def test_enter_in_a_field_sends_and_does_not_join(app: Flask, street: Street, owner: Reporter) -> None:
    opened(app, street)
    owner.get(f"/q/{street.token}")
    form = owner.page.split('enctype="multipart/form-data"')[1]
    first = form.split("<button")[1]
    assert "name=" not in first.split(">")[0]


# ---- at the desk


def test_the_queue_and_the_case_say_how_many_met_it(app: Flask, street: Street) -> None:
    sent = opened(app, street)
    with app.app_context():
        factories.a_crew()
        for _ in range(12):
            factories.a_voice(street.token, sent.number)
        assert db.session.scalars(select(Case.voices)).one() == 13
    operator = signed_in(app, "operator")
    queue = text_of(operator.get("/desk?show=all"))
    assert "+12" in queue
    assert "另有 12 人也遇到" in queue
    assert "13 人" in text_of(operator.get(f"/desk/cases/{sent.number}"))


# ---- in English


def test_the_list_the_receipt_and_the_refusals_are_english(
    app: Flask, street: Street, owner: Reporter
) -> None:
    sent = opened(app, street, "A5", at=MORNING)
    with app.app_context():
        factories.a_voice(street.token, sent.number)
    owner.client.get("/language/en")
    owner.get(f"/q/{street.token}")
    assert "Under way here" in owner.text()
    form = owner.fill(street.token, text="")
    answer = owner.send(street.token, form | {"case": sent.number})
    owner.get(answer.location)
    assert "With you, 3 people have met this" in owner.text()
    with app.app_context():
        factories.walk_to(sent.number, State.DECLINED, factories.a_crew())
    assert owner.send(street.token, owner.fill(street.token) | {"case": sent.number}).status_code == 422
    assert "This has been dealt with" in owner.text()

"""Who may open and do what, asked of every route there is."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests import factories
from tests.factories import PASSWORD
from tests.web.staff import (
    Desk,
    a_desk,
    form_for,
    hidden,
    send,
    signed_in,
    statements,
    text_of,
    try_sign_in,
)
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Role
from tracker.extensions import db, transaction
from tracker.models import User
from tracker.services import people
from tracker.web.access import stated_access

WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE)", re.IGNORECASE)


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


def rules_of(app: Flask, method: str) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]


def address_of(app: Flask, rule: Rule, filled: dict[str, object]) -> str:
    with app.test_request_context():
        adapter = app.url_map.bind("127.0.0.1")
        return adapter.build(rule.endpoint, {name: filled.get(name, "x") for name in rule.arguments})


def everything_about(desk: Desk) -> dict[str, object]:
    """Values for the variables of every address, all of one case."""
    sent = desk.report(photos=1, phone="13812345678")
    return {
        "number": sent.number,
        "action": "note",
        "decision": "accept",
        "photo_id": 1,
        "session_id": 1,
        "copy_id": 1,
        "edition": 1,
        "position": 1,
        "version": 1,
        "delivery_id": 1,
        "item_id": 1,
        "invitation_id": 1,
        "sign_in_id": 1,
        "channel": "mail",
        "token": desk.street.token,
        "key": sent.link_key,
        "filename": "favicon.svg",
        "code": "zh",
        "visit_id": 1,
        "line_id": 1,
        "step": "look",
        "name": "x",
        "report_id": 1,
        "ban_id": 1,
        "note_id": 1,
        "batch_id": 1,
    }


def test_the_desk_belongs_to_staff_and_nothing_else_does(app: Flask) -> None:
    stated = {rule.endpoint: stated_access(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    closed = {endpoint: access for endpoint, access in stated.items() if access != "public"}
    assert closed == {
        "desk.queue": "sessions_own",
        "desk.new": "queue_see",
        "desk.photo": "case_see",
        "desk.thumb": "case_see",
        "desk.case.show": "case_see",
        "desk.case.act": "case_act",
        "desk.case.back": "case_see",
        "public_photos.show": "photos_publish",
        "public_photos.back": "photos_publish",
        "public_photos.look": "photos_publish",
        "public_photos.publish": "photos_publish",
        "public_photos.withdraw": "photos_publish",
        "public_photos.picture": "photos_publish",
        "issues.queue": "issues_see",
        "issues.propose": "issues_decide",
        "issues.show": "issues_see",
        "issues.back": "issues_see",
        "issues.decide": "issues_decide",
        "escalations.show": "escalations_see",
        "actions.queue": "actions_see",
        "actions.show": "actions_see",
        "actions.back": "actions_see",
        "actions.photo": "actions_see",
        "actions.act": "actions_work",
        "actions.new": "issues_decide",
        "actions.make": "issues_decide",
        "issue_endings.end": "issues_decide",
        "bell.show": "sessions_own",
        "bell.count": "sessions_own",
        "bell.see": "sessions_own",
        "channels.show": "sessions_own",
        "channels.choose": "sessions_own",
        "channels.trial": "sessions_own",
        "channels.give_up": "sessions_own",
        "watch.jobs.show": "service_watch",
        "watch.messages.show": "service_watch",
        "watch.messages.retry": "service_watch",
        "admin.index": "service_watch",
        "admin.calendar.show": "calendar_keep",
        "admin.calendar.edit": "calendar_keep",
        "admin.calendar.preview": "calendar_keep",
        "admin.calendar.again": "calendar_keep",
        "admin.calendar.save": "calendar_keep",
        "admin.calendar.save_again": "calendar_keep",
        "packs.show": "meetings_keep",
        "packs.draft": "meetings_keep",
        "packs.edition": "meetings_keep",
        "packs.pdf": "meetings_keep",
        "packs.photo": "meetings_keep",
        "packs.freeze": "meetings_keep",
        "packs.note": "meetings_keep",
        "sign_in_sheet.show": "meetings_keep",
        "sign_in_sheet.pdf": "meetings_keep",
        "minutes.show": "meetings_keep",
        "minutes.state": "meetings_keep",
        "minutes.save": "meetings_keep",
        "minutes.settle": "meetings_keep",
        "minutes.review": "meetings_keep",
        "minutes.approve": "meetings_keep",
        "approved_minutes.show": "meetings_keep",
        "approved_minutes.version": "meetings_keep",
        "approved_minutes.pdf": "meetings_keep",
        "approved_minutes.correct": "meetings_keep",
        "approved_minutes.save": "meetings_keep",
        "meetings.index": "meetings_keep",
        "meetings.new": "meetings_keep",
        "meetings.make": "meetings_keep",
        "meetings.show": "meetings_keep",
        "meetings.edit": "meetings_keep",
        "meetings.change": "meetings_keep",
        "meetings.hold": "meetings_keep",
        "meetings.cancel": "meetings_keep",
        "meetings.back": "meetings_keep",
        "meetings.agenda.show": "meetings_keep",
        "meetings.agenda.add": "meetings_keep",
        "meetings.agenda.write": "meetings_keep",
        "meetings.agenda.move": "meetings_keep",
        "meetings.agenda.remove": "meetings_keep",
        "meetings.guests.show": "meetings_keep",
        "meetings.guests.add_department": "meetings_keep",
        "meetings.guests.add_guest": "meetings_keep",
        "meetings.guests.send": "meetings_keep",
        "meetings.guests.withdraw": "meetings_keep",
        "meetings.sign_in.show": "meetings_keep",
        "meetings.sign_in.door": "meetings_keep",
        "meetings.sign_in.tick": "meetings_keep",
        "meetings.sign_in.write_down": "meetings_keep",
        "meetings.sign_in.strike": "meetings_keep",
        "meetings.sign_in.count": "meetings_keep",
        "meetings.votes.show": "meetings_keep",
        "meetings.votes.open_vote": "meetings_keep",
        "meetings.votes.close_vote": "meetings_keep",
        "meetings.votes.count_hands": "meetings_keep",
        "labels.walk": "labels_post",
        "labels.show": "labels_post",
        "labels.post": "labels_post",
        "labels.change": "labels_post",
        "labels.photo": "labels_post",
        "labels.file": "labels_keep",
        "labels.back": "labels_post",
        "admin.labels.index": "labels_keep",
        "admin.labels.make": "labels_keep",
        "admin.labels.batch": "labels_keep",
        "admin.labels.draw": "labels_keep",
        "admin.labels.drawn": "labels_keep",
        "admin.labels.sheet": "labels_keep",
        "admin.labels.everything": "labels_keep",
        "admin.labels.logo": "labels_keep",
        "admin.labels.keep_logo": "labels_keep",
        "admin.labels.troubles": "labels_keep",
        "admin.labels.health": "labels_keep",
        "admin.labels.list_": "labels_keep",
        "admin.places.index": "places_keep",
        "admin.places.take": "places_keep",
        "admin.places.back": "places_keep",
        "admin.places.export_again": "places_keep",
        "admin.places.export": "register_export",
        "visits.index": "visits_keep",
        "visits.today": "visits_keep",
        "visits.tick": "visits_keep",
        "visits.ticked": "visits_keep",
        "visits.new": "visits_keep",
        "visits.send": "visits_keep",
        "visits.place": "visits_keep",
        "visits.photo": "visits_keep",
        "visits.visit.show": "visits_keep",
        "visits.visit.make_case": "visits_keep",
        "visits.visit.join": "visits_keep",
        "visits.visit.answer": "visits_keep",
        "visits.visit.correct": "visits_keep",
        "visits.visit.show_link": "visits_keep",
        "visits.visit.link": "visits_keep",
        "visits.visit.back": "visits_keep",
        "floods.show": "floods_see",
        "floods.device": "floods_see",
        "floods.undo": "floods_undo",
        "floods.held": "floods_undo",
        "floods.release": "floods_undo",
        "floods.ban": "bans_keep",
        "floods.all_bans": "bans_keep",
        "floods.lift": "bans_keep",
        "sign_in.leave": "sessions_own",
        "sign_in.sessions": "sessions_own",
        "sign_in.end": "sessions_own",
    }


def test_somebody_who_has_not_signed_in_is_asked_to(app: Flask, desk: Desk) -> None:
    filled, visitor = everything_about(desk), app.test_client()
    token = hidden(text_of(visitor.get("/login")), "csrf_token")
    for method in ("GET", "POST"):
        for rule in rules_of(app, method):
            if stated_access(app, rule.endpoint) == "public":
                continue
            answer = visitor.open(
                address_of(app, rule, filled),
                method=method,
                data={"csrf_token": token} if method == "POST" else None,
            )
            assert answer.status_code == 302, rule
            assert answer.location.startswith("/login?next="), rule


def test_no_page_that_is_only_looked_at_writes_anything(app: Flask, desk: Desk) -> None:
    filled = everything_about(desk)
    for client in (app.test_client(), signed_in(app, "operator")):
        with statements(app) as ran:
            for rule in rules_of(app, "GET"):
                with client.get(address_of(app, rule, filled)) as answer:
                    is_fine = (
                        answer.status_code < 500 or rule.rule == "/readyz"
                    )  # no job process is alive here
                    assert is_fine, rule
        assert not [statement for statement in ran if WRITE.match(statement)]


def test_no_post_works_without_the_forms_own_token(app: Flask, desk: Desk) -> None:
    filled, client = everything_about(desk), signed_in(app, "operator")
    for rule in rules_of(app, "POST"):
        assert client.post(address_of(app, rule, filled)).status_code == 400, rule


def case_addresses(number: str) -> Iterator[str]:
    yield f"/desk/cases/{number}"
    yield f"/desk/thumbs/{number}"
    yield "/desk/photos/1"
    yield "/desk/photos/1?size=thumb"


def cannot_see(client: FlaskClient, number: str) -> bool:
    """Whether the case is not there for this person, on any page and for any action."""
    for address in case_addresses(number):
        with client.get(address) as answer:
            if answer.status_code != 404:
                return False
    token = hidden(text_of(client.get("/login/sessions")), "csrf_token")
    for action in Action:
        answer = client.post(f"/desk/cases/{number}/{action}", data={"csrf_token": token, "version": "1"})
        if answer.status_code != 404:
            return False
    return number not in text_of(client.get("/desk?show=all"))


def test_an_admin_sees_no_case(app: Flask, desk: Desk) -> None:
    number = desk.report(photos=1).number
    admin = signed_in(app, "admin")
    assert cannot_see(admin, number)
    assert admin.get("/desk/new?since=0").status_code == 404


def test_an_admin_who_also_handles_sees_no_more_than_a_handler(app: Flask, desk: Desk) -> None:
    number = desk.report(photos=1).number
    with app.app_context():
        people.add_person("handler-zf", "郑王敏", PASSWORD, role="admin")
    assert cannot_see(signed_in(app, "handler-zf"), number)


def test_a_department_sees_a_case_only_while_it_lies_there(app: Flask, desk: Desk) -> None:
    number = desk.report(photos=1).number
    handler = signed_in(app, "handler-zf")
    assert cannot_see(handler, number)
    desk.take(number, Action.FILE, Role.OPERATOR, category="A5")
    desk.take(number, Action.DISPATCH, Role.OPERATOR, lead="LR", co=("JJ",))
    assert cannot_see(handler, number)
    assert handler.get("/desk/new?since=0&show=all").json == {"rows_html": "", "count": 0, "cursor": "3"}
    for department in ("lr", "jj"):
        assert signed_in(app, f"handler-{department}").get(f"/desk/cases/{number}").status_code == 200


def test_a_helping_department_looks_and_notes_but_does_not_sign(app: Flask, desk: Desk) -> None:
    number = desk.case_in(State.FILED)
    desk.take(number, Action.DISPATCH, Role.OPERATOR, lead="LR", co=("JJ",))
    helper = signed_in(app, "handler-jj")
    assert 'id="action-note"' in text_of(helper.get(f"/desk/cases/{number}"))
    assert 'id="action-sign"' not in text_of(helper.get(f"/desk/cases/{number}"))
    form = form_for(helper, number, Action.NOTE)
    answer = helper.post(f"/desk/cases/{number}/sign", data=form)
    assert answer.status_code == 409
    assert "待签收" in text_of(helper.get(f"/desk/cases/{number}"))


def test_people_of_another_area_do_not_see_the_case(app: Flask, desk: Desk) -> None:
    number = desk.report(photos=1).number
    with app.app_context():
        factories.a_person(Role.VERIFIER, department="GL", area="PP-2")
        factories.a_person(Role.SECRETARY, department="DJ", area="PP-1")
    assert cannot_see(signed_in(app, "verifier-gl"), number)
    assert signed_in(app, "secretary-dj").get(f"/desk/cases/{number}").status_code == 200


def test_nobody_of_a_department_that_handled_it_verifies(app: Flask, desk: Desk) -> None:
    number = desk.case_in(State.RESOLVED)
    with app.app_context():
        factories.a_person(Role.VERIFIER, department="ZF")
    colleague = signed_in(app, "verifier-zf")
    page = text_of(colleague.get(f"/desk/cases/{number}"))
    assert 'id="action-pass"' not in page
    answer = colleague.post(f"/desk/cases/{number}/pass", data=form_for(colleague, number, Action.NOTE))
    assert answer.status_code == 409
    assert "参与处置的单位和人员不能核查本案件。" in text_of(answer)


def test_a_role_taken_away_counts_at_the_next_click(app: Flask, desk: Desk) -> None:
    number = desk.report().number
    operator = signed_in(app, "operator")
    assert operator.get(f"/desk/cases/{number}").status_code == 200
    with app.app_context(), transaction():
        user = db.session.get_one(User, desk.crew[Role.OPERATOR].user_id)
        user.is_active = False
    assert operator.get(f"/desk/cases/{number}").location.startswith("/login")
    assert try_sign_in(app.test_client(), "operator", factories.PASSWORD).status_code == 422


def test_a_case_that_does_not_exist_looks_like_one_that_is_not_yours(app: Flask, desk: Desk) -> None:
    number = desk.report().number
    handler = signed_in(app, "handler-zf")
    strange, missing = handler.get(f"/desk/cases/{number}"), handler.get("/desk/cases/999999-9999")
    assert strange.status_code == missing.status_code == 404
    without_numbers = [
        text_of(answer).replace(number, "").replace("999999-9999", "") for answer in (strange, missing)
    ]
    assert re.sub(r'nonce="[^"]*"', "", without_numbers[0]) == re.sub(
        r'nonce="[^"]*"', "", without_numbers[1]
    )


def test_an_operator_reveals_a_phone_and_a_duty_lead_does_not(app: Flask, desk: Desk) -> None:
    number = desk.report(phone="13812345678").number
    lead = signed_in(app, "duty_lead")
    form = form_for(lead, number, Action.NOTE) | {"note": "想看", "report": "1"}
    assert lead.post(f"/desk/cases/{number}/reveal_phone", data=form).status_code == 404
    assert send(signed_in(app, "operator"), number, Action.REVEAL_PHONE, note="核实").status_code == 200

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.mail_server import MailServer as Receiver
from tests.mail_server import receiving
from tests.server import free_port
from tracker.adapters import mail
from tracker.adapters.mail import MailAddressWrong, MailServer, mail_address
from tracker.adapters.message import Message, NotDelivered

MESSAGE = Message(
    key="0123456789abcdef",
    to="wang@example.cn",
    subject="已超期：PP-1\r\nBcc: all@example.cn",
    body="请马上办理。\n",
    at=datetime(2026, 11, 23, 1, 30, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with receiving(tmp_path_factory.mktemp("mail")) as server:
        yield server


def sender(port: int, tls: str = "none") -> MailServer:
    return MailServer("127.0.0.1", port, tls, "", "", "noreply@pp.example", "彭浦街道", "pp.example")


def test_a_message_arrives_with_its_key_and_in_chinese(receiver: Receiver) -> None:
    sender(receiver.port).send(MESSAGE)
    letter = receiver.letters()[-1]
    assert letter.key == "<0123456789abcdef@pp.example>"
    assert letter.to == "wang@example.cn"
    assert letter.body.splitlines() == ["请马上办理。"]


def test_a_subject_cannot_add_a_header_or_a_recipient(receiver: Receiver) -> None:
    sender(receiver.port).send(MESSAGE)
    letter = receiver.letters()[-1]
    assert letter.subject == "已超期：PP-1 Bcc: all@example.cn"
    assert letter.to == "wang@example.cn"


def test_a_repeat_carries_the_same_key(receiver: Receiver) -> None:
    before = len(receiver.letters())
    sender(receiver.port).send(MESSAGE)
    sender(receiver.port).send(replace(MESSAGE, at=datetime(2026, 11, 24, tzinfo=UTC)))
    first, second = receiver.letters()[before:]
    assert first.key == second.key


INVITATION = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:CANCEL\r\nSUMMARY:联席会\r\nEND:VCALENDAR\r\n"


def test_a_calendar_file_stands_beside_the_text_and_as_a_file_with_its_own_method(receiver: Receiver) -> None:
    sender(receiver.port).send(replace(MESSAGE, calendar=INVITATION))
    letter = receiver.letters()[-1]
    assert letter.body.splitlines() == ["请马上办理。"]
    beside, as_file = letter.calendars
    assert (beside[0], beside[1], as_file[1]) == ("CANCEL", "", "invite.ics")
    assert [each[2].splitlines() for each in letter.calendars] == [INVITATION.splitlines()] * 2


def test_a_calendar_file_without_a_method_is_a_request(receiver: Receiver) -> None:
    sender(receiver.port).send(replace(MESSAGE, calendar=INVITATION.replace("METHOD:CANCEL\r\n", "")))
    assert [each[0] for each in receiver.letters()[-1].calendars] == ["REQUEST", ""]


def test_a_server_that_is_not_there_is_down_and_said_so_without_secrets() -> None:
    with pytest.raises(NotDelivered, match="没有应答") as caught:
        sender(free_port()).send(MESSAGE)
    assert caught.value.is_down
    assert not caught.value.is_final


def test_a_server_that_hangs_costs_no_longer_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(NotDelivered, match="没有应答") as caught:
            sender(silent.getsockname()[1]).send(MESSAGE)
        assert caught.value.is_down


def test_a_server_without_encryption_is_not_trusted_where_it_is_asked_for(receiver: Receiver) -> None:
    before = len(receiver.letters())
    with pytest.raises(NotDelivered):
        sender(receiver.port, tls="starttls").send(MESSAGE)
    with pytest.raises(NotDelivered):
        sender(receiver.port, tls="tls").send(MESSAGE)
    assert len(receiver.letters()) == before


def test_without_a_server_set_the_message_waits() -> None:
    with pytest.raises(NotDelivered, match="TRACKER_MAIL_HOST") as caught:
        replace(sender(0), host="").send(MESSAGE)
    assert not caught.value.is_final


@pytest.mark.parametrize(
    "typed", ["", "wang", "wang@", "@example.cn", "a b@example.cn", "a@b@c.cn", "a@[b", "王@例.cn"]
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(MailAddressWrong):
        mail_address(typed)


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    assert "letmein" not in repr(replace(sender(25), password="letmein", host=str(tmp_path)))

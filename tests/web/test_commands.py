"""Commands as an administrator types them."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select, text

from config import Config
from tests import factories
from tests.processes import ROOT
from tests.server import Server, serving
from tests.settings import as_environment
from tests.unit.adapters.qr_reading import png_picture, read_by_zxing
from tracker.domain.qr_token import display
from tracker.extensions import db, transaction
from tracker.models import Category, Label, User
from tracker.services.catalogue import shipped

PLACES = "code,kind,name,address,area\nS-1,shop,向阳烘焙坊,共和新路 12 号,PP-1\n"
ONE_IS_ENOUGH = pytest.mark.one_database  # about the command line; the use cases are tested on both


def run(app: Flask, *arguments: str, stdin: str | None = None) -> Result:
    return app.test_cli_runner().invoke(args=arguments, input=stdin)


def written(folder: Path, name: str, content: str) -> str:
    (folder / name).write_text(content, encoding="utf-8")
    return str(folder / name)


@pytest.fixture
def street(app: Flask) -> factories.Street:
    with app.app_context():
        return factories.a_street()


COMMANDS = [
    ("serve",), ("demo", "load"), ("places", "import"), ("areas", "import"), ("departments", "import"),
    ("categories", "import"), ("routing", "import"), ("users", "add"), ("history", "verify"),
    ("users", "password"), ("phones", "erase"), ("departments", "lead"), ("calendar", "import"),
    ("jobs", "run"), ("jobs", "once"), ("jobs", "status"), ("escalations", "preview"),
    ("issues", "replay"), ("issues", "rebuild"),
    ("labels", "print"), ("labels", "list"), ("labels", "post"), ("labels", "replace"), ("labels", "revoke"),
    ("labels", "batch"), ("labels", "draw"), ("labels", "batches"), ("labels", "papers"), ("labels", "health"),
    ("labels", "damaged"), ("places", "export"),
]  # fmt: skip


@ONE_IS_ENOUGH
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(app: Flask, command: Sequence[str]) -> None:
    result = run(app, *command, "--help")
    assert result.exit_code == 0
    assert result.output.startswith("Usage:")


# ---------------------------------------------------------------- registers


@pytest.mark.usefixtures("street")
def test_places_are_imported_once_and_a_second_run_says_that_nothing_changed(
    app: Flask, tmp_path: Path
) -> None:
    file = written(tmp_path, "places.csv", PLACES)
    assert "1 added" in run(app, "places", "import", file).output
    again = run(app, "places", "import", file)
    assert again.exit_code == 0
    assert "Nothing changed" in again.output


@ONE_IS_ENOUGH
@pytest.mark.usefixtures("street")
def test_bad_lines_are_listed_good_ones_kept_and_the_status_tells(app: Flask, tmp_path: Path) -> None:
    file = written(tmp_path, "places.csv", PLACES + "S-2,castle,城堡,某路 1 号,PP-1\n")
    result = run(app, "places", "import", file)
    assert result.exit_code == 1
    assert "1 added" in result.stdout
    assert "line 3: kind 'castle'" in result.stderr
    assert result.stderr.splitlines()[-1] == "Error: places.csv: 1 line was left out, see above."


@ONE_IS_ENOUGH
def test_a_file_that_is_no_table_is_one_clear_line(app: Flask, tmp_path: Path) -> None:
    result = run(app, "places", "import", written(tmp_path, "places.csv", "hello\n"))
    assert result.exit_code == 1
    assert (
        result.stderr
        == "Error: places.csv: The first line names no column code, kind, name, address, area.\n"
    )


@ONE_IS_ENOUGH
def test_a_new_street_is_set_up_from_files(app: Flask, tmp_path: Path) -> None:
    data = ROOT / "tracker" / "data"
    areas = written(tmp_path, "areas.csv", "code,name,parent\nPP,彭浦街道,\nPP-1,南薰片区,PP\n")
    rules = "category,area,lead,co,auto_file,auto_dispatch\nA5,PP-1,LR,,yes,no\n"
    for arguments in (
        ("departments", "import", str(data / "departments.yaml")),
        ("categories", "import", str(data / "categories.yaml")),
        ("areas", "import", areas),
        ("routing", "import", written(tmp_path, "routing.csv", rules)),
        ("places", "import", written(tmp_path, "places.csv", PLACES)),
    ):
        result = run(app, *arguments)
        assert result.exit_code == 0, result.output
        assert "added" in result.stdout


@ONE_IS_ENOUGH
def test_a_catalogue_with_a_fault_names_it_and_imports_nothing(app: Flask, tmp_path: Path) -> None:
    file = written(tmp_path, "mine.yaml", shipped("categories"))
    result = run(app, "categories", "import", file)
    assert result.exit_code == 1
    assert "category A1: department 'ZF' is not known; import departments first" in result.stderr
    with app.app_context():
        assert db.session.scalars(select(Category)).all() == []


# ---------------------------------------------------------------- people


@pytest.mark.usefixtures("street")
def test_the_first_admin_comes_from_a_command(app: Flask) -> None:
    arguments = ("users", "add", "chief", "--name", "郑主任", "--role", "admin")
    result = run(app, *arguments, stdin="a long enough word\na long enough word\n")
    assert result.exit_code == 0
    assert "a long enough word" not in result.output
    with app.app_context():
        assert db.session.scalars(select(User.name)).all() == ["郑主任"]


@ONE_IS_ENOUGH
@pytest.mark.usefixtures("street")
@pytest.mark.parametrize(
    ("options", "password", "words"),
    [
        (("--role", "handler"), "a long enough word", "A handler needs a department."),
        (("--role", "operator"), "short", "at least 10 characters"),
        (("--role", "operator", "--area", "XX"), "a long enough word", "'XX' is not known"),
    ],
)
def test_an_account_that_cannot_be_is_refused_in_one_line(
    app: Flask, options: Sequence[str], password: str, words: str
) -> None:
    arguments = ("users", "add", "x", "--name", "某人", "--password-stdin", *options)
    result = run(app, *arguments, stdin=f"{password}\n")
    assert result.exit_code == 1
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


@ONE_IS_ENOUGH
@pytest.mark.usefixtures("street")
def test_a_password_is_changed_for_somebody_who_is_there(app: Flask) -> None:
    run(
        app,
        "users",
        "add",
        "chief",
        "--name",
        "郑主任",
        "--role",
        "admin",
        "--password-stdin",
        stdin="a first long word\n",
    )
    for login, password, status, words in [
        ("chief", "a second long word", 0, "new password"),
        ("chief", "short", 1, "at least 10"),
        ("nobody", "a second long word", 1, "Nobody signs in"),
    ]:
        result = run(app, "users", "password", login, "--password-stdin", stdin=f"{password}\n")
        assert result.exit_code == status
        assert words in result.output


@ONE_IS_ENOUGH
@pytest.mark.usefixtures("street")
def test_erasing_says_how_many_numbers_it_was(app: Flask) -> None:
    assert run(app, "phones", "erase").output.startswith("0 numbers")


# ---------------------------------------------------------------- labels


def test_labels_are_printed_posted_replaced_and_revoked(
    app: Flask, street: factories.Street, tmp_path: Path
) -> None:
    assert f"{display(street.token)} now leads to" in run(app, "labels", "replace", street.token).output
    with app.app_context():
        successor = db.session.scalars(select(Label.token).where(Label.state == "printed")).one()
    assert run(app, "labels", "post", display(successor).lower()).exit_code == 0
    assert "posted" in run(app, "labels", "list", "--state", "posted").output
    assert run(app, "labels", "revoke", successor).exit_code == 0
    refused = run(app, "labels", "post", successor)
    assert refused.exit_code == 1
    assert "is revoked" in refused.stderr
    printed = run(app, "labels", "print", "--all-unprinted", "-o", str(tmp_path / "codes"))
    assert printed.exit_code == 0, printed.output
    assert "1 of these labels are new" in printed.output


@ONE_IS_ENOUGH
def test_a_printed_png_opens_the_place(app: Flask, street: factories.Street, tmp_path: Path) -> None:
    result = run(app, "labels", "print", "--area", "PP-1", "-o", str(tmp_path / "codes"))
    assert result.exit_code == 0, result.output
    [png] = (tmp_path / "codes").glob("*.png")
    assert read_by_zxing(png_picture(png.read_bytes())) == [f"http://127.0.0.1:8000/Q/{street.token}"]
    assert {file.suffix for file in (tmp_path / "codes").iterdir()} == {".png", ".svg", ".pdf"}


@ONE_IS_ENOUGH
@pytest.mark.usefixtures("street")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("print",), "Say which places"),
        (("print", "--all", "--area", "PP"), "Say which places"),
        (("print", "--place", "Q-9"), "No place has the code Q-9"),
        (("print", "--area", "XX"), "No area has the code XX"),
        (("post", "ABCDEFGHJ"), "编码有一处不对"),
        (("post", "000000000"), "No label has the token"),
    ],
)
def test_a_label_command_that_cannot_be_is_refused(app: Flask, arguments: Sequence[str], words: str) -> None:
    result = run(app, "labels", *arguments)
    assert result.exit_code != 0
    assert words in result.stderr


# ---------------------------------------------------------------- history


def test_a_whole_history_is_said_to_be_whole_and_a_broken_one_broken(
    app: Flask, street: factories.Street
) -> None:
    with app.app_context():
        sent = factories.a_report(street.token)
    assert "The history is whole: 1 rows." in run(app, "history", "verify").output
    with app.app_context(), transaction():
        db.session.execute(
            text("UPDATE cases SET rating = 5 WHERE number = :number"), {"number": sent.number}
        )
    broken = run(app, "history", "verify")
    assert broken.exit_code == 1
    assert re.fullmatch(r"Error: The history is broken: .*\n", broken.stderr)


# ---------------------------------------------------------------- the demo and the server


@ONE_IS_ENOUGH
def test_the_demo_is_loaded_once_and_its_sign_ins_are_printed(app: Flask) -> None:
    loaded = run(app, "demo", "load", "--cases", "2", "--seed", "3")
    assert loaded.exit_code == 0, loaded.output
    assert all(login in loaded.output for login in ("operator", "verifier2", "zf 陈执法", "saoma-baoshi"))
    again = run(app, "demo", "load")
    assert again.exit_code == 1
    assert again.stderr.startswith("Error: The database already holds places")


@ONE_IS_ENOUGH
def test_a_busy_port_is_one_clear_line(settings: Config) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = serve_once(replace(settings, port=port))
    assert ended.returncode == 1
    assert (
        ended.stderr
        == f"Error: Port {port} is in use by another program; choose another one with TRACKER_PORT.\n"
    )


def serve_once(settings: Config) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
        cwd=ROOT,
        env=dict(as_environment(settings)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@ONE_IS_ENOUGH
def test_a_demo_shows_a_code_that_opens_its_form_and_ends_cleanly(
    app: Flask, settings: Config, tmp_path: Path
) -> None:
    assert run(app, "demo", "load", "--cases", "2").exit_code == 0
    log = tmp_path / "demo.log"
    with serving(replace(settings, demo=True), log) as server:
        shown = re.search(r"or open (http://\S+/Q/\w{9})", log.read_text(encoding="utf-8"))
        assert shown
        assert get(shown[1]) == 200
        server.stop()
    assert log.read_text(encoding="utf-8").endswith("Ended.\n")


@ONE_IS_ENOUGH
def test_a_request_in_hand_is_answered_before_the_end(settings: Config, tmp_path: Path) -> None:
    with serving(settings, tmp_path / "server.log") as server, connected(server) as half_sent:
        half_sent.sendall(b"POST /login HTTP/1.0\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nab")
        assert get(f"{server.address}/healthz") == 200  # so it has seen the half request too
        os.kill(server.pid, signal.SIGTERM)
        half_sent.sendall(b"cd")
        assert half_sent.recv(64).startswith(b"HTTP/1.0 400")  # no form token; but answered


def connected(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.settings.port), timeout=20)


def get(address: str) -> int:
    """The status of a page of our own server."""
    with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 - always http
        return int(answer.status)


@ONE_IS_ENOUGH
def test_groups_are_made_anew_by_command(app: Flask, street: factories.Street) -> None:
    assert run(app, "issues", "rebuild").output.endswith("0 reports are in groups again.\n")
    with app.app_context():
        factories.a_report(street.token, at=factories.MORNING)
    answer = run(app, "issues", "rebuild")
    assert (answer.exit_code, answer.output.splitlines()[-1]) == (0, "1 reports are in groups again.")


# ---------------------------------------------------------------- labels for life


@ONE_IS_ENOUGH
def test_a_batch_is_made_drawn_listed_and_followed_from_the_command_line(
    app: Flask, street: factories.Street
) -> None:
    made = run(app, "labels", "batch", "--area", "PP-1", "--paper", "square-80")
    assert made.exit_code == 0, made.output
    assert "Batch 1: 1 labels on square-80, 1 to post." in made.stdout
    assert "sheet-" in made.stdout
    assert "0 posted  ready" in run(app, "labels", "batches").stdout
    assert run(app, "labels", "draw", "1").exit_code == 0
    assert run(app, "labels", "draw", "7").stderr == "Error: No batch has the number 7.\n"
    refused = run(app, "labels", "batch", "--unprinted")
    assert refused.exit_code == 1
    assert "card-a5" in run(app, "labels", "papers").stdout
    assert "2 labels hang, 0 were scanned" in run(app, "labels", "health").stdout
    assert run(app, "labels", "damaged").stdout == ""
    assert run(app, "labels", "revoke", street.token, "--reason", "店关了").exit_code == 0


@ONE_IS_ENOUGH
@pytest.mark.usefixtures("street")
def test_the_register_is_written_as_a_workbook_that_the_import_reads(app: Flask, tmp_path: Path) -> None:
    target = str(tmp_path / "register.xlsx")
    assert run(app, "places", "export", "-o", target).exit_code == 0
    assert "Nothing changed: 2 already as in the file." in run(app, "places", "import", target).stdout

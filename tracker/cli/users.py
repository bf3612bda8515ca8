"""``flask users``: the people who sign in."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup

from tracker.domain.permissions import STAFF_ROLES
from tracker.services.people import PersonRefused, add_person, change_password

PASSWORD_STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the standard input."
)

users = AppGroup("users", help="The people who sign in.")


@users.command()
@click.argument("login")
@click.option("--name", required=True, help="As colleagues know the person.")
@click.option("--role", required=True, type=click.Choice(sorted(role.value for role in STAFF_ROLES)))
@click.option("--area", metavar="CODE", help="Limits the role to an area and those below it.")
@click.option("--department", metavar="CODE", help="Where the person works; needed for a handler.")
@PASSWORD_STDIN
def add(
    login: str, *, name: str, role: str, area: str | None, department: str | None, password_stdin: bool
) -> None:
    """Make an account, or give a known LOGIN a further role (its password stays).

    The password is asked for twice and not shown. There is no default account: the first admin comes from here.
    """
    password = _piped_password() if password_stdin else _asked_password()
    with _refused_in_one_line():
        add_person(login, name, password, role=role, area=area, department=department)
    click.echo(f"{login} may sign in as {role}.")


@users.command()
@click.argument("login")
@PASSWORD_STDIN
def password(login: str, *, password_stdin: bool) -> None:
    """Give LOGIN a new password and end all sessions opened with the old one."""
    new = _piped_password() if password_stdin else _asked_password()
    with _refused_in_one_line():
        change_password(login, new)
    click.echo(f"{login} has a new password and is signed out everywhere.")


@contextmanager
def _refused_in_one_line() -> Iterator[None]:
    try:
        yield
    except PersonRefused as error:
        message = str(error)
        raise click.ClickException(f"{message[:1].upper()}{message[1:]}.") from error


def _asked_password() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True))


def _piped_password() -> str:
    return sys.stdin.readline().rstrip("\r\n")

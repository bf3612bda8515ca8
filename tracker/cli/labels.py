"""``flask labels``: the printed codes of places."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click
from flask.cli import AppGroup

from tracker.adapters.label_layout import FontMissing, LabelIncomplete
from tracker.adapters.qr_images import LinkTooLong
from tracker.domain.qr_token import PublicUrlUnusable, TokenMistyped, display, read_token
from tracker.extensions import now
from tracker.services import labels as use_cases
from tracker.services.label_printing import job_of, print_labels
from tracker.services.labels import LabelRefused, PlaceUnknown
from tracker.services.parts import parts
from tracker.services.places import LabelUnknown

Result = TypeVar("Result")

labels = AppGroup("labels", help="The printed codes of places.")


class TokenType(click.ParamType[str]):
    """A token as a person types it: either case, with or without dashes, O for 0."""

    name = "token"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return read_token(value)
        except TokenMistyped as error:
            self.fail(str(error), param, ctx)


TOKEN = click.argument("token", type=TokenType())


@labels.command("print")
@click.option("--place", "codes", multiple=True, metavar="CODE", help="A place; may be given several times.")
@click.option("--area", metavar="CODE", help="Every place of an area and of those below it.")
@click.option("--all-unprinted", is_flag=True, help="Every place that has no label yet.")
@click.option("--all", "everything", is_flag=True, help="Every place.")
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the files. Default: the setting LABELS_DIR, qr_codes.",
)
def print_(
    codes: Sequence[str], area: str | None, folder: Path | None, *, all_unprinted: bool, everything: bool
) -> None:
    """Write PNG, SVG and A4 PDF sheets of labels; places without a label get one.

    Say which places: exactly one of --place, --area, --all-unprinted and --all. A second run writes the same
    files. The codes lead to TRACKER_PUBLIC_URL: set it to the address that stays before anything is hung up.
    """
    if sum((bool(codes), area is not None, all_unprinted, everything)) != 1:
        raise click.UsageError("Say which places: one of --place, --area, --all-unprinted, --all.")
    try:
        place_ids = use_cases.places_named(codes) if codes else use_cases.places_within(area or "")
    except PlaceUnknown as error:
        raise click.ClickException(str(error)) from error
    if all_unprinted:
        place_ids = use_cases.without_label(place_ids)
    if not place_ids:
        click.echo("Nothing to print: every place has its label.")
        return
    issued = use_cases.issue(place_ids, now())
    _write(use_cases.current_labels(place_ids), folder or parts().config.labels_dir)
    click.echo(f"{issued} of these labels are new. They lead to {parts().config.public_url}.")


def _write(chosen: Sequence[use_cases.LabelView], folder: Path) -> None:
    try:
        files = print_labels(chosen, folder)
        with click.progressbar(files, files_of(chosen), label="Drawing", file=sys.stderr) as bar:
            sheets = [path for path in bar if path.suffix == ".pdf"]
    except (LabelIncomplete, FontMissing, PublicUrlUnusable, LinkTooLong) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"Cannot write to {folder}: {error.strerror}.") from error
    for label in chosen:
        click.echo(f"{label.place_code}-{label.token}.png .svg  {label.place_name}")
    for sheet in sheets:
        click.echo(sheet.name)
    click.echo(f"{len(chosen)} labels written to {folder}.")


@labels.command("list")
@click.option("--state", type=click.Choice(["printed", "posted", "replaced", "revoked"]), help="Only these.")
def list_(state: str | None) -> None:
    """List every label: token, state, place."""
    for label in use_cases.labels(state=state or ""):
        click.echo(f"{display(label.token)}  {label.state:8}  {label.place_code}  {label.place_name}")


@labels.command()
@TOKEN
def post(token: str) -> None:
    """Note that a printed label hangs on its place."""
    _change(lambda: use_cases.post(token, now()))
    click.echo(f"{display(token)} is posted.")


@labels.command()
@TOKEN
def replace(token: str) -> None:
    """Give a label a successor; scanning the old one leads to the new one.

    The new one still has to be printed: flask labels print --place CODE.
    """
    successor = _change(lambda: use_cases.replace(token, now()))
    click.echo(f"{display(token)} now leads to {display(successor)}.")


@labels.command()
@TOKEN
def revoke(token: str) -> None:
    """End a label without a successor; whoever scans it is told so."""
    _change(lambda: use_cases.revoke(token, now()))
    click.echo(f"{display(token)} is revoked.")


def _change(change: Callable[[], Result]) -> Result:
    try:
        return change()
    except (LabelUnknown, LabelRefused) as error:
        raise click.ClickException(str(error)) from error

"""``flask labels``: the printed codes of places."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click
from flask.cli import AppGroup

from tracker.adapters.label_check import LabelFaulty
from tracker.adapters.label_layout import FontMissing, LabelIncomplete
from tracker.adapters.label_papers import CodeTooSmall, papers
from tracker.adapters.label_sheet import PLAIN
from tracker.adapters.qr_images import LinkTooLong, symbol
from tracker.domain.case_rules import Incomplete
from tracker.domain.qr_token import PublicUrlUnusable, TokenMistyped, display, label_url, read_token
from tracker.extensions import now
from tracker.services import label_batches, label_files, label_health, label_troubles
from tracker.services import labels as use_cases
from tracker.services.label_batches import A_TOKEN, BatchMissing, Choice
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
REASON = click.option("--reason", default="", help="Why; kept in the label's history.")
PAPER = click.option(
    "--paper",
    type=click.Choice(list(papers())),
    default=PLAIN,
    show_default=True,
    help="What to print on: flask labels papers.",
)
UNPRINTABLE = (LabelIncomplete, FontMissing, PublicUrlUnusable, LinkTooLong, CodeTooSmall)


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
@PAPER
def print_(
    codes: Sequence[str],
    area: str | None,
    folder: Path | None,
    paper: str,
    *,
    all_unprinted: bool,
    everything: bool,
) -> None:
    """Write PNG, SVG and PDF sheets of labels; places without a label get one.

    Every sheet is measured and read by two decoders before it is written; a fault names the label. A print run that is
    numbered and followed until it hangs: flask labels batch.

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
    _write(use_cases.current_labels(place_ids), folder or parts().config.labels_dir, paper)
    click.echo(f"{issued} of these labels are new. They lead to {parts().config.public_url}.")


def _write(chosen: Sequence[use_cases.LabelView], folder: Path, paper: str) -> None:
    try:
        job = job_of(chosen, papers()[paper])
        with click.progressbar(print_labels(job, folder), job.files, label="Drawing", file=sys.stderr) as bar:
            sheets = [path for path in bar if path.suffix == ".pdf"]
    except UNPRINTABLE as error:
        raise click.ClickException(str(error)) from error
    except LabelFaulty as error:
        raise click.ClickException(_fault_line(error)) from error
    except OSError as error:
        raise click.ClickException(f"Cannot write to {folder}: {error.strerror}.") from error
    for label in chosen:
        click.echo(f"{label.place_code}-{label.token}.png .svg  {label.place_name}")
    for sheet in sheets:
        click.echo(sheet.name)
    click.echo(f"{len(chosen)} labels written to {folder}.")


def _fault_line(error: LabelFaulty) -> str:
    where = f" (page {error.page}, label {error.position})" if error.page else ""
    return f"{error.number} {error.place}{where}: {error}"


@labels.command("papers")
def papers_() -> None:
    """List what can be printed on, how wide the code is there and from how far it reads."""
    try:
        modules = symbol(label_url(parts().config.public_url, A_TOKEN)).size
    except (PublicUrlUnusable, LinkTooLong) as error:
        raise click.ClickException(str(error)) from error
    for paper in papers().values():
        try:
            paper.refuse_if_too_small(modules)
            reads = f"code {paper.code_mm(modules):.0f} mm, reads from {paper.reads_from_cm(modules)} cm"
        except CodeTooSmall as error:
            reads = f"too small: a module would be {error.module_mm:.2f} mm"
        logo = "" if paper.placed.logo else ", no room for a logo"
        click.echo(f"{paper.code:11} {paper.en}; {reads}{logo}")


@labels.command()
@click.option("--place", "codes", multiple=True, metavar="CODE", help="A place; may be given several times.")
@click.option("--area", default="", metavar="CODE", help="Places of an area and of those below it.")
@click.option("--kind", default="", metavar="CODE", help="Places of a kind, such as shop.")
@click.option("--unprinted", is_flag=True, help="Only places that have no label yet.")
@click.option("--again", is_flag=True, help="Only labels that must be printed again.")
@click.option("--logo", is_flag=True, help="With the logo that was uploaded.")
@PAPER
def batch(
    codes: Sequence[str],
    area: str,
    kind: str,
    paper: str,
    *,
    unprinted: bool,
    again: bool,
    logo: bool,
) -> None:
    """Make a numbered batch and draw its files into LABELS_DIR.

    What is given narrows together; without any, every place is meant.
    """
    choice = Choice(area, kind, tuple(codes), is_for_new=unprinted, is_again=again)
    try:
        number = label_batches.make(choice, paper, with_logo=logo, now=now())
    except Incomplete as error:
        raise click.ClickException(" ".join(error.problems.values())) from error
    except (PlaceUnknown, *UNPRINTABLE) as error:
        raise click.ClickException(str(error)) from error
    label_files.draw_now(number)
    _tell_batch(number)


@labels.command()
@click.argument("number", type=int)
def draw(number: int) -> None:
    """Draw the files of batch NUMBER anew."""
    try:
        label_files.want_files(number, now())
        label_files.draw_now(number)
        _tell_batch(number)
    except BatchMissing:
        raise click.ClickException(f"No batch has the number {number}.") from None


def _tell_batch(number: int) -> None:
    made = label_batches.batch(number)
    if made.fault:
        where = " ".join(str(made.fault[key]) for key in ("number", "place") if key in made.fault)
        raise click.ClickException(f"Batch {number}: {where} {made.fault['why']}".replace("  ", " "))
    for file in label_files.sheets(number):
        click.echo(f"{label_files.folder_of(number) / file.name}  {file.labels} labels")
    click.echo(f"Batch {number}: {made.labels} labels on {made.paper}, {made.to_post} to post.")


@labels.command("batches")
def batches_() -> None:
    """List the batches, newest first: number, when, labels, how many hang."""
    for each in label_batches.batches(limit=1000):
        day = each.made_at.astimezone(parts().zone).date()
        click.echo(
            f"{each.number:4}  {day}  {each.paper:11} {each.labels:5} labels {each.posted:5} posted  {each.state}"
        )


@labels.command()
def health() -> None:
    """List labels that nobody scans any more, that hang elsewhere, or that bring no reports; why is beside each."""
    found = label_health.health(now())
    for row in found.rows:
        days = f"{row.finding.days} days" if row.finding.days else f"{row.life.scans} scans"
        click.echo(
            f"{display(row.label.token)}  {row.finding.verdict:8} {days:>9}  {row.label.place_code}  "
            f"{row.label.place_name}"
        )
    click.echo(f"{found.posted} labels hang, {found.scanned} were scanned in the last 90 days.")


@labels.command()
def damaged() -> None:
    """List labels that somebody says are broken, misplaced or to be printed again."""
    for row in label_troubles.troubled():
        said = [
            words
            for words, is_so in (
                (f"damaged {row.damaged}×", row.damaged),
                (f"misplaced {row.misplaced}×", row.misplaced),
                ("to be printed again", row.is_asked),
                (f"printed in batch {row.batch}", row.batch),
            )
            if is_so
        ]
        click.echo(f"{display(row.token)}  {', '.join(said)}  {row.place_code}  {row.place_name}")


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
@REASON
def replace(token: str, reason: str) -> None:
    """Give a label a successor; scanning the old one leads to the new one.

    The new one still has to be printed: flask labels print --place CODE.
    """
    successor = _change(lambda: use_cases.replace(token, now(), reason=reason))
    click.echo(f"{display(token)} now leads to {display(successor)}.")


@labels.command()
@TOKEN
@REASON
def revoke(token: str, reason: str) -> None:
    """End a label without a successor; whoever scans it is told so."""
    _change(lambda: use_cases.revoke(token, now(), reason=reason))
    click.echo(f"{display(token)} is revoked.")


def _change(change: Callable[[], Result]) -> Result:
    try:
        return change()
    except (LabelUnknown, LabelRefused) as error:
        raise click.ClickException(str(error)) from error

"""``flask places``: the register of places."""

from pathlib import Path

import click
from flask.cli import AppGroup

from tracker.adapters.xlsx_table import is_workbook
from tracker.cli.imports import FILE, import_lines
from tracker.extensions import now
from tracker.services import register_export
from tracker.services.place_import import import_places, read_places

places = AppGroup("places", help="The register of places.")


@places.command("import")
@FILE
def import_file(file: Path) -> None:
    r"""Add the places of a CSV or XLSX FILE, and bring known ones (by their code) up to date.

    Bad lines are listed with their number and the reason; good ones are kept. A second run changes nothing.

    \b
    A CSV is UTF-8 or GB18030; the first line names the columns, in any order:
      code 编号             the register's own number; letters, digits . _ -
      kind 类型             code or Chinese name, such as shop or 商铺
      name 名称, address 地址
      area 片区             code or name of a known area
      lat 纬度, lon 经度     WGS-84 degrees, both or neither
      keeper 联系人, keeper_phone 联系电话, facilities 设施, opening_hours 开放时间
    The first five are needed; a column that is not there leaves what is known as it is.
    """
    import_lines(
        file,
        read_places,
        lambda lines: import_places(lines, now=now(), file_format=_format_of(file)),
    )


def _format_of(file: Path) -> str:
    return "xlsx" if is_workbook(file.read_bytes()[:4]) else "csv"


@places.command("export")
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write. Default: its usual name, in this folder.",
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(register_export.FORMATS),
    default="xlsx",
    show_default=True,
    help="A workbook of both, or one of them as CSV.",
)
def export_file(file: Path | None, file_format: str) -> None:
    """Write the register: places with their current label, and every label with its state.

    Keepers' numbers are left out. That the register was taken out is noted.
    """
    made = register_export.export(file_format, by=None, now=now())
    target = file or Path(made.name)
    try:
        target.write_bytes(made.content)
    except OSError as error:
        raise click.ClickException(f"Cannot write {target}: {error.strerror}.") from error
    click.echo(f"{target} written.")

"""``flask places``: the register of places."""

from pathlib import Path

from flask.cli import AppGroup

from tracker.cli.imports import FILE, import_lines
from tracker.services.place_import import import_places, read_places

places = AppGroup("places", help="The register of places.")


@places.command("import")
@FILE
def import_file(file: Path) -> None:
    r"""Add the places of a CSV FILE, and bring known ones (by their code) up to date.

    Bad lines are listed with their number and the reason; good ones are kept. A second run changes nothing.

    \b
    The file is UTF-8 or GB18030; its first line names the columns, in any order:
      code 编号             the register's own number; letters, digits . _ -
      kind 类型             code or Chinese name, such as shop or 商铺
      name 名称, address 地址
      area 片区             code or name of a known area
      lat 纬度, lon 经度     WGS-84 degrees, both or neither
      keeper 联系人, keeper_phone 联系电话, facilities 设施, opening_hours 开放时间
    The first five are needed.
    """
    import_lines(file, read_places, import_places)

"""``flask areas`` and ``flask routing``: the tree of areas, and who gets what in which of them."""

from pathlib import Path

from flask.cli import AppGroup

from tracker.cli.imports import FILE, import_lines
from tracker.services.area_import import import_areas, read_areas
from tracker.services.routing_import import import_routing, read_routing

areas = AppGroup("areas", help="The tree of areas.")
routing = AppGroup("routing", help="Which departments a category's cases go to in an area.")


@areas.command("import")
@FILE
def import_areas_file(file: Path) -> None:
    r"""Add the areas of a CSV FILE, and rename or move known ones (by their code).

    \b
    Columns: code 编号, name 名称, parent 上级 (the code of the area it lies in; empty for the street itself).
    """
    import_lines(file, read_areas, import_areas)


@routing.command("import")
@FILE
def import_routing_file(file: Path) -> None:
    r"""Add the routing rules of a CSV FILE, and change known ones (by category and area).

    A rule beats the category's own departments for places in its area and below; the nearest area wins.

    \b
    Columns, all but co with codes or yes/no (是/否):
      category 类别, area 区域, lead 主办, co 协办 (several separated by blanks),
      auto_file 自动立案, auto_dispatch 自动派遣
    """
    import_lines(file, read_routing, import_routing)

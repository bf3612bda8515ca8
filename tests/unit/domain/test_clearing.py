import pytest

from tracker.domain.clearing import Area, AreasUnreadable, cell_area, grid_of, read_areas, write_areas


def test_marked_places_are_written_and_read_the_same_whatever_their_order() -> None:
    areas = (Area(500, 0, 125, 166), Area(10, 20, 30, 40))
    text = write_areas(areas)
    assert text == "500,0,125,166;10,20,30,40"
    assert read_areas(text) == areas
    assert write_areas(reversed(areas)) == text
    assert (read_areas(""), write_areas(())) == ((), "")


@pytest.mark.parametrize(
    "text",
    ["1,2,3", "a,b,c,d", "0,0,0,10", "0,0,10,0", "-1,0,10,10", "990,0,11,10", "0,0,1001,5", "1.5,0,2,2"],
)
def test_places_outside_the_photo_or_without_sense_are_refused(text: str) -> None:
    with pytest.raises(AreasUnreadable):
        read_areas(text)


def test_more_places_than_anybody_draws_are_refused() -> None:
    with pytest.raises(AreasUnreadable):
        read_areas(";".join(f"{n},0,5,5" for n in range(81)))


@pytest.mark.parametrize(("size", "grid"), [((400, 300), (8, 6)), ((300, 400), (6, 8))])
def test_the_grid_has_more_cells_along_the_long_side_and_covers_the_photo_once(
    size: tuple[int, int], grid: tuple[int, int]
) -> None:
    assert grid_of(*size) == grid
    cells = [cell_area(number, *grid) for number in range(1, 49)]
    assert sum(cell.width * cell.height for cell in cells) == 1000 * 1000
    assert cells[0] == Area(0, 0, cells[0].width, cells[0].height)
    assert (cells[-1].left + cells[-1].width, cells[-1].top + cells[-1].height) == (1000, 1000)
    for number in (0, 49):
        with pytest.raises(AreasUnreadable):
            cell_area(number, *grid)

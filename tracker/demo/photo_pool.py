"""A few dozen drawn photos that all demo cases share: drawing and storing each one takes a moment."""

from io import BytesIO
from random import Random

from tracker.adapters.photo_store import StoredPhoto
from tracker.demo.pictures import draw_photo
from tracker.demo.stories import PlannedPhoto
from tracker.demo.troubles import NIGHT_CATEGORIES, TROUBLES
from tracker.services.parts import parts

SPOTS = 2
"""How many spots each trouble is drawn at; the commonest one, bikes, has more."""
BIKE_SPOTS = 6
BIKES = "A1"


class PhotoPool:
    """Draws a photo when it is first wanted and takes it in as an upload; afterwards it is there."""

    def __init__(self) -> None:
        self._stored: dict[tuple[str, int, bool], StoredPhoto] = {}

    def photo(self, planned: PlannedPhoto) -> StoredPhoto:
        """The stored photo for a planned one; a pair of before and after keeps its spot."""
        category = _alike(planned.category)
        spot = planned.seed % (BIKE_SPOTS if category == BIKES else SPOTS)
        key = (category, spot, planned.before)
        if key not in self._stored:
            drawn = draw_photo(category, before=planned.before, rng=Random(f"photo {category} {spot}"))
            self._stored[key] = parts().photo_store.save(parts().photo_reader.read(BytesIO(drawn)))
        return self._stored[key]


def _alike(category: str) -> str:
    """The first category whose photo shows the same trouble in the same light."""
    wanted = (TROUBLES[category], category in NIGHT_CATEGORIES)
    return next(code for code, trouble in TROUBLES.items() if (trouble, code in NIGHT_CATEGORIES) == wanted)

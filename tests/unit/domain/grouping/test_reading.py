import numpy as np

from tests.unit.domain.grouping.report_samples import a_report, bikes, grouped, lamps
from tracker.domain.grouping import Group, Packer
from tracker.domain.grouping.reading import sample_of


def test_a_pack_that_grew_report_by_report_is_the_one_packed_anew_to_the_last_bit() -> None:
    """Else a process that was restarted would judge otherwise than one that was not."""
    grouper = grouped([*bikes(60), *lamps(60, first=200)])
    grouper.learn()
    assert grouper.model.is_deep
    growing, packer = Group("r0900"), Packer(grouper.model)
    for number, report in enumerate([*bikes(50, first=900), a_report(990, ""), *lamps(3, first=991)]):
        growing.add(report, sample_of(report, grouper.store))
        grown, anew = packer.pack(growing), Packer(grouper.model).pack(growing)
        for name in ("spots", "slots", "texts", "vectors", "chances", "middle", "topics", "agreement"):
            assert np.array_equal(getattr(grown, name), getattr(anew, name)), (number, name)
        assert grown.figures == anew.figures

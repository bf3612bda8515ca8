from tracker.domain.voices import distinct_voices


def test_one_device_is_one_voice_however_often_it_reports() -> None:
    assert distinct_voices([("a", ""), ("a", ""), ("b", "")]) == 2


def test_one_phone_number_is_one_voice_from_whatever_device() -> None:
    assert distinct_voices([("a", "138"), ("b", "138"), ("c", "139")]) == 2


def test_a_third_report_shows_that_two_are_the_same_person() -> None:
    assert distinct_voices([("a", ""), ("b", "138"), ("a", "138")]) == 1


def test_what_tells_nothing_counts_for_itself_and_nobody_is_nobody() -> None:
    assert distinct_voices([("", ""), ("", "")]) == 2
    assert distinct_voices([]) == 0


def test_a_device_and_a_number_that_look_alike_are_not_the_same() -> None:
    assert distinct_voices([("138", ""), ("", "138")]) == 2

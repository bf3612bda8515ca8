"""Pages on paper: what is handed in is in the file, nothing else is fetched, and the file is always the same."""

from io import BytesIO

import pytest

from tests.factories import jpeg
from tests.unit.adapters.qr_reading import opened
from tracker.adapters.paper import PictureMissing, html_pdf

PAGE = '<html lang="zh-CN"><title>简报</title><body><h1>非机动车乱停放</h1><img src="{}"></body></html>'


def test_chinese_words_and_photos_are_in_the_file() -> None:
    document = opened(html_pdf(PAGE.format("picture:one"), {"one": jpeg(1)}))
    assert "非机动车乱停放" in document[0].get_textpage().get_text_range()
    (picture,) = document[0].get_objects(filter=[3])
    assert picture.get_bitmap().to_pil().size == (400, 300)


def test_the_same_page_gives_the_same_file() -> None:
    once, again = (html_pdf(PAGE.format("picture:one"), {"one": jpeg(1)}) for _ in range(2))
    assert once == again
    assert BytesIO(once).read(5) == b"%PDF-"


@pytest.mark.parametrize(
    "address",
    ["picture:two", "file:///etc/hostname", "http://127.0.0.1:9/x.jpg", "data:image/png;base64,AAAA"],
)
def test_no_address_is_fetched_and_half_a_page_is_not_printed(address: str) -> None:
    with pytest.raises(PictureMissing):
        html_pdf(PAGE.format(address), {"one": jpeg(1)})

"""HTML to PDF, set by WeasyPrint: one place for labels, packs, sign-in sheets and minutes.

What is printed comes from this program alone: no address is fetched, no file is read, pictures are handed in by name.
The same page gives the same file, byte for byte.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from tracker.adapters.label_layout import FONT_FOLDERS, find_font

PICTURE: Final = "picture:"
"""What the address of a picture begins with; its name follows."""
PRINT_DPI: Final = 200
"""Photos are brought down to this: an office printer shows no more, and the file goes by mail."""
JPEG_QUALITY: Final = 82


class PictureMissing(LookupError):
    """The page names a picture that was not handed in: half a page is not printed."""


def html_pdf(page: str, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """Return `page`, a whole HTML document with its style inside, as PDF.

    Args:
        pictures: name → content; the page shows them as ``<img src="picture:name">``.

    Raises:
        FontMissing: the typeface for Chinese is not installed.
        PictureMissing: see there.
    """
    find_font("Regular", FONT_FOLDERS)
    # A second of start-up that only printing needs.
    from weasyprint import HTML  # noqa: PLC0415
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse  # noqa: PLC0415

    class HandedIn(URLFetcher):
        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002
            name = url.removeprefix(PICTURE)
            if name == url or not pictures or name not in pictures:
                raise FatalURLFetchingError(url)
            kind = "image/svg+xml" if name.endswith(".svg") else "image/jpeg"
            return URLFetcherResponse(url, body=pictures[name], headers={"Content-Type": kind})

    try:
        document = HTML(string=page, url_fetcher=HandedIn())  # type: ignore[no-untyped-call]  # partly annotated
        return bytes(
            document.write_pdf(
                pdf_identifier=hashlib.sha256(page.encode()).digest()[:16],
                dpi=PRINT_DPI,
                jpeg_quality=JPEG_QUALITY,
                optimize_images=True,
            )
        )
    except FatalURLFetchingError as error:
        raise PictureMissing(str(error)) from error

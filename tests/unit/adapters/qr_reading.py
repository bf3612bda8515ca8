"""What phones do with a printed code: independent decoders, and the wear that a label meets on a street."""

from io import BytesIO
from typing import Any

import cv2
import numpy as np
import pypdfium2
import zxingcpp
from PIL import Image

Picture = np.ndarray[Any, np.dtype[np.uint8]]


def read_by_zxing(picture: Picture) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def read_by_wechat(picture: Picture) -> list[str]:
    """The engine inside WeChat, without its neural models; it looks for one code only."""
    return list(cv2.wechat_qrcode.WeChatQRCode().detectAndDecode(picture)[0])


def read_by_opencv(picture: Picture) -> list[str]:
    return [text for text in cv2.QRCodeDetectorAruco().detectAndDecodeMulti(picture)[1] if text]


DECODERS = (read_by_zxing, read_by_wechat, read_by_opencv)


def opened(pdf: bytes) -> Any:
    """The document as a second program sees it; pdfium's binding carries no types."""
    return pypdfium2.PdfDocument(pdf)  # type: ignore[no-untyped-call]


def pdf_page(pdf: bytes, page: int, dpi: int) -> Picture:
    return np.array(opened(pdf)[page].render(scale=dpi / 72, grayscale=True).to_pil())


def png_picture(png: bytes, size_px: int | None = None) -> Picture:
    picture = Image.open(BytesIO(png)).convert("L")
    return np.array(picture if size_px is None else picture.resize((size_px, size_px)))


def turned(picture: Picture, degrees: float) -> Picture:
    height, width = picture.shape
    side = int(np.hypot(height, width)) + 20
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    matrix[:, 2] += [(side - width) / 2, (side - height) / 2]
    return np.asarray(cv2.warpAffine(picture, matrix, (side, side), borderValue=255), dtype=np.uint8)


def blurred(picture: Picture, sigma_px: float) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_px), dtype=np.uint8)


def corner_covered(picture: Picture, right: float, bottom: float, side: float, grey: int) -> Picture:
    """Paste a square patch over the lower right corner of the code that ends at (right, bottom)."""
    spoiled = picture.copy()
    spoiled[round(bottom - side) : round(bottom) + 1, round(right - side) : round(right) + 1] = grey
    return spoiled


def corner_torn(picture: Picture, left: float, top: float, side: float) -> Picture:
    """Tear off the tip of the upper left corner, a bite out of the finder pattern."""
    tip = np.array([[left, top], [left + side, top], [left, top + side]]).astype(np.int32)
    return np.asarray(cv2.fillPoly(picture.copy(), [tip], (255,)), dtype=np.uint8)

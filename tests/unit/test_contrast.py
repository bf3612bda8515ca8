"""Read in bright sun and by old eyes: what matters on the reporter's pages has 7:1, borders and marks 3:1 and more."""

import re
from pathlib import Path

import pytest

STYLES = Path(__file__).parents[2] / "tracker" / "static" / "css"
WORDS = {
    "ground": "ink ink-soft danger link",
    "surface": "ink ink-soft brand danger link",
    "sunken": "ink ink-soft",
    "still-soft": "ink ink-soft still link",
    "brand": "on-brand",
    "brand-deep": "on-brand",
    "brand-soft": "ink brand",
    "bad": "on-bad",
    "bad-soft": "ink bad",
    "good-soft": "ink good",
    "wait-soft": "ink ink-soft wait danger",
    "work-soft": "work",
    "look-soft": "look",
    "plate": "white",
}
BORDERS = {"surface": "edge brand", "ground": "edge danger bad wait good focus"}


def palette(scheme: str) -> dict[str, str]:
    """The colours of a scheme by name; the dark one changes some of the light one."""
    light, dark = (
        (STYLES / "tokens.css").read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)")
    )
    colours = {"white": "#fff"}
    for part in (light, dark) if scheme == "dark" else (light,):
        colours.update(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", part))
    return colours


def luminance(colour: str) -> float:
    """Source: WCAG 2.2, relative luminance."""
    digits = colour.lstrip("#")
    digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Source: WCAG 2.2, contrast ratio."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("table", "least"), [(WORDS, 7.0), (BORDERS, 4.3)], ids=["words", "borders"])
def test_colours_stand_out(scheme: str, table: dict[str, str], least: float) -> None:
    colours = palette(scheme)
    measured = {
        f"{name} on {ground}": contrast(colours[name], colours[ground])
        for ground, names in table.items()
        for name in names.split()
    }
    assert not {pair: round(ratio, 2) for pair, ratio in measured.items() if ratio < least}


def test_white_on_black_is_twenty_one_to_one() -> None:
    assert contrast("#fff", "#000000") == pytest.approx(21.0)


def test_a_tile_its_name_and_the_button_wear_these_colours() -> None:
    public, base = ((STYLES / f"{name}.css").read_text(encoding="utf-8") for name in ("public", "components"))
    face = re.search(r"\.tile-face \{(.*?)\}", public, re.DOTALL)
    assert face
    assert "background: var(--surface)" in face[1]
    assert "color:" not in face[1].replace("border-color", ""), "the page's own ink"
    button = re.search(r"\.button \{(.*?)\}", base, re.DOTALL)
    assert button
    assert "background: var(--brand)" in button[1]
    assert "color: var(--on-brand)" in button[1]

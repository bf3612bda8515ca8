"""Read in bright sun and by old eyes: what matters on the reporter's pages has 7:1, borders and marks 3:1 and more."""

import re
from pathlib import Path

import pytest

STYLES = Path(__file__).parents[2] / "tracker" / "static" / "css"
WORDS = """
    ink/ground ink/surface ink/sunken ink/brand-soft ink/bad-soft ink/good-soft ink/wait-soft ink/still-soft
    ink-soft/ground ink-soft/surface ink-soft/sunken ink-soft/still-soft ink-soft/wait-soft
    on-brand/brand on-brand/brand-deep brand/surface brand/brand-soft on-bad/bad
    bad/bad-soft good/good-soft wait/wait-soft work/work-soft look/look-soft still/still-soft
    danger/surface danger/ground danger/wait-soft link/ground link/surface link/still-soft white/plate
""".split()
BORDERS = "edge/surface edge/ground brand/surface danger/ground bad/ground wait/ground good/ground focus/ground".split()


def palette(scheme: str) -> dict[str, str]:
    """The colours of a scheme by name; the dark one changes some of the light one."""
    light, dark = (STYLES / "tokens.css").read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)")
    colours = {"white": "#fff"}
    for part in (light, dark) if scheme == "dark" else (light,):
        colours.update(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", part))
    return colours


def luminance(colour: str) -> float:
    """Source: WCAG 2.2, relative luminance."""
    digits = colour.lstrip("#")
    digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Source: WCAG 2.2, contrast ratio."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(WORDS, 7.0), (BORDERS, 4.3)], ids=["words", "borders"])
def test_colours_stand_out(scheme: str, pairs: list[str], least: float) -> None:
    colours = palette(scheme)
    measured = {pair: contrast(*(colours[name] for name in pair.split("/"))) for pair in pairs}
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

"""The scene behind every demo photo: sky, houses, shopfronts, pavement and road, in flat colours.

Drawn at twice the size and halved at the end, which gives smooth edges for little time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1200, 900
SCALE = 2

WALL_Y, KERB_Y = 610, 770  # where the shopfronts end and where the road begins

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Light:
    """One kind of weather or hour: the colours that the rest is mixed from."""

    sky_top: Colour
    sky_low: Colour
    far: Colour
    pavement: Colour
    road: Colour
    dim: float  # 0 full light, 1 black


DAY = (
    Light((126, 190, 226), (226, 241, 245), (186, 205, 214), (214, 207, 195), (112, 116, 124), 0.0),
    Light((247, 198, 150), (253, 235, 208), (214, 190, 182), (219, 205, 186), (118, 112, 116), 0.03),
    Light((184, 199, 208), (228, 232, 232), (190, 199, 205), (202, 201, 197), (106, 111, 118), 0.06),
    Light((106, 177, 203), (242, 237, 214), (176, 203, 200), (222, 212, 193), (110, 117, 121), 0.0),
)
NIGHT = Light((20, 30, 58), (56, 66, 104), (36, 46, 78), (90, 92, 108), (48, 52, 66), 0.52)

WALLS: tuple[Colour, ...] = (
    (240, 226, 204), (224, 214, 203), (236, 205, 181), (210, 220, 214), (230, 219, 223), (214, 205, 190),
)  # fmt: skip
AWNINGS: tuple[Colour, ...] = (
    (206, 92, 82), (66, 133, 126), (227, 160, 72), (86, 119, 168), (142, 105, 150), (98, 145, 94),
)  # fmt: skip
GLASS: Colour = (150, 190, 200)
LIT_GLASS: Colour = (250, 214, 140)
INK: Colour = (58, 62, 72)
WHITE: Colour = (250, 248, 242)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return `one` with a share (0-1) of `other`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


class Canvas:
    """Draws in the photo's own pixels, 1200 by 900, whatever size is kept inside."""

    def __init__(self, light: Light) -> None:
        self.light = light
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), light.sky_low)
        self._draw = ImageDraw.Draw(self.image)

    def tint(self, colour: Colour) -> Colour:
        """The colour as it looks in this light."""
        return mix(colour, (14, 18, 40), self.light.dim)

    def box(self, box: Box, colour: Colour, *, round_px: float = 0, glows: bool = False) -> None:
        fill = colour if glows else self.tint(colour)
        scaled = [edge * SCALE for edge in box]
        if round_px:
            self._draw.rounded_rectangle(scaled, round_px * SCALE, fill=fill)
        else:
            self._draw.rectangle(scaled, fill=fill)

    def oval(self, box: Box, colour: Colour, *, glows: bool = False) -> None:
        self._draw.ellipse([edge * SCALE for edge in box], fill=colour if glows else self.tint(colour))

    def ring(self, centre: tuple[float, float], radius: float, colour: Colour, width: float) -> None:
        x, y = centre
        box = [(x - radius) * SCALE, (y - radius) * SCALE, (x + radius) * SCALE, (y + radius) * SCALE]
        self._draw.ellipse(box, outline=self.tint(colour), width=round(width * SCALE))

    def shape(self, points: Sequence[tuple[float, float]], colour: Colour, *, glows: bool = False) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.polygon(scaled, fill=colour if glows else self.tint(colour))

    def line(self, points: Sequence[tuple[float, float]], colour: Colour, width: float) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(scaled, fill=self.tint(colour), width=round(width * SCALE), joint="curve")

    def arc(self, box: Box, degrees: tuple[float, float], colour: Colour, width: float) -> None:
        scaled = [edge * SCALE for edge in box]
        self._draw.arc(scaled, *degrees, fill=self.tint(colour), width=round(width * SCALE))

    def veil(self, box: Box, colour: Colour, opacity: float) -> None:
        """Lay a soft-edged see-through oval over the picture: smoke, light, shade."""
        left, top, right, bottom = (round(edge * SCALE) for edge in box)
        glow = Image.radial_gradient("L").point(
            [round(max(0, 255 - level * 1.42) * opacity) for level in range(256)]
        )
        mask = glow.resize((right - left, bottom - top), Image.Resampling.BILINEAR)
        self.image.paste(self.tint(colour) if colour != LIT_GLASS else colour, (left, top), mask)


def draw_scene(rng: Random, light: Light) -> Canvas:
    """Draw the street without any trouble on it; takes its choices from `rng` in a fixed order."""
    canvas = Canvas(light)
    _sky(canvas)
    _far_houses(canvas, rng)
    _row_of_shops(canvas, rng)
    _ground(canvas)
    _street_tree(canvas, rng)
    return canvas


def _sky(canvas: Canvas) -> None:
    band = 12
    for top in range(0, 420, band):
        canvas.box(
            (0, top, WIDTH, top + band),
            mix(canvas.light.sky_top, canvas.light.sky_low, top / 420),
            glows=True,
        )


def _far_houses(canvas: Canvas, rng: Random) -> None:
    x = -20.0
    while x < WIDTH:
        width, top = rng.uniform(90, 190), rng.uniform(60, 190)
        colour = mix(canvas.light.far, canvas.light.sky_low, rng.uniform(0.1, 0.5))
        canvas.box((x, top, x + width, 400), colour, glows=True)
        pane = mix(colour, WHITE, 0.25)
        for row in range(int(top) + 18, 300, 34):
            for column in range(int(x) + 14, int(x + width) - 20, 30):
                canvas.box((column, row, column + 12, row + 16), pane, glows=True)
        x += width + rng.uniform(-6, 26)


def _row_of_shops(canvas: Canvas, rng: Random) -> None:
    x = -rng.uniform(0, 120)
    awnings = rng.sample(AWNINGS, k=len(AWNINGS))
    while x < WIDTH:
        width = rng.uniform(280, 390)
        _shop(canvas, rng, (x, x + width), awnings.pop())
        x += width


def _shop(canvas: Canvas, rng: Random, sides: tuple[float, float], awning: Colour) -> None:
    x, width = sides[0], sides[1] - sides[0]
    wall = rng.choice(WALLS)
    roof_y = rng.uniform(205, 250)
    canvas.box((x, roof_y, x + width, WALL_Y), wall)
    canvas.box((x - 4, roof_y - 12, x + width + 4, roof_y + 4), mix(wall, INK, 0.28))
    _upper_windows(canvas, rng, (x, roof_y, x + width, 345), wall)
    _signboard(canvas, rng, (x + 12, 352, x + width - 12, 404), awning)
    _shop_window(canvas, rng, (x + 24, 404, x + width - 24, WALL_Y))
    _awning(canvas, (x + 10, 406, x + width - 10, 454), awning)
    canvas.box((x + width - 3, roof_y, x + width, WALL_Y), mix(wall, INK, 0.22))


def _upper_windows(canvas: Canvas, rng: Random, box: Box, wall: Colour) -> None:
    left, top, right, bottom = box
    step = (right - left) / 3
    for number in range(3):
        x = left + number * step + step / 2
        lit = canvas.light is NIGHT and rng.random() < 0.4
        canvas.box((x - 36, top + 22, x + 36, bottom - 22), mix(wall, WHITE, 0.7))
        canvas.box((x - 31, top + 27, x + 31, bottom - 27), LIT_GLASS if lit else GLASS, glows=lit)
        canvas.line([(x, top + 27), (x, bottom - 27)], mix(wall, WHITE, 0.7), 4)
        canvas.box((x - 42, bottom - 22, x + 42, bottom - 15), mix(wall, INK, 0.25))


def _signboard(canvas: Canvas, rng: Random, box: Box, colour: Colour) -> None:
    """A board with marks in place of letters: the pictures carry no words and name no shop."""
    left, top, right, bottom = box
    canvas.box(box, mix(colour, INK, 0.35), round_px=6)
    marks = rng.randrange(3, 6)
    start = (left + right) / 2 - marks * 21
    for number in range(marks):
        x = start + number * 42
        canvas.box((x + 5, top + 13, x + 35, top + 18), WHITE)
        canvas.box((x + 17, top + 13, x + 23, bottom - 12), WHITE)
        canvas.box((x + 8, bottom - 22 - rng.choice((0, 5)), x + 32, bottom - 18), WHITE)


def _shop_window(canvas: Canvas, rng: Random, box: Box) -> None:
    left, top, right, bottom = box
    lit = canvas.light is NIGHT and rng.random() < 0.35
    glass = LIT_GLASS if lit else mix(GLASS, WHITE, rng.uniform(0, 0.25))
    door_x = left + (right - left) * rng.choice((0.12, 0.4, 0.66))
    canvas.box((left, top, right, bottom - 30), INK)
    canvas.box((left + 6, top, right - 6, bottom - 36), glass, glows=lit)
    for x in range(int(left) + 24, int(right) - 30, 44):
        height = rng.uniform(26, 66)
        canvas.box(
            (x, bottom - 36 - height, x + 28, bottom - 36), mix(rng.choice(AWNINGS), glass, 0.45), round_px=5
        )
    canvas.shape(
        [(left + 40, top), (left + 92, top), (left + 20, bottom - 36), (left + 6, bottom - 36)],
        mix(glass, WHITE, 0.4),
    )
    canvas.box((door_x, top + 24, door_x + 82, bottom), INK)
    canvas.box((door_x + 7, top + 32, door_x + 75, bottom), mix(glass, INK, 0.2), glows=lit)
    canvas.box((door_x + 62, bottom - 96, door_x + 68, bottom - 56), WHITE)


def _awning(canvas: Canvas, box: Box, colour: Colour) -> None:
    left, top, right, bottom = box
    stripes = 10
    step = (right - left) / stripes
    for number in range(stripes):
        x = left + number * step
        stripe = colour if number % 2 == 0 else WHITE
        canvas.shape([(x, top), (x + step, top), (x + step, bottom - 10), (x, bottom - 10)], stripe)
        canvas.oval((x, bottom - 22, x + step, bottom + 2), stripe)


def _ground(canvas: Canvas) -> None:
    stone, road = canvas.light.pavement, canvas.light.road
    canvas.box((0, WALL_Y, WIDTH, KERB_Y), stone, glows=True)
    canvas.box((0, WALL_Y, WIDTH, WALL_Y + 10), mix(stone, INK, 0.18), glows=True)
    seam = mix(stone, INK, 0.12)
    for y in (648, 694):
        canvas.box((0, y, WIDTH, y + 2), seam, glows=True)
    for x in range(-300, WIDTH + 300, 96):
        foot = WIDTH / 2 + (x - WIDTH / 2) * 1.22
        canvas.shape(
            [(x, WALL_Y + 10), (x + 2, WALL_Y + 10), (foot + 3, KERB_Y), (foot, KERB_Y)], seam, glows=True
        )
    canvas.box((0, 700, WIDTH, 726), mix(stone, (232, 186, 74), 0.62))  # the strip that guides blind people
    canvas.box((0, KERB_Y - 10, WIDTH, KERB_Y + 8), mix(stone, WHITE, 0.35), glows=True)
    canvas.box((0, KERB_Y + 8, WIDTH, HEIGHT), road, glows=True)
    canvas.box((0, KERB_Y + 8, WIDTH, KERB_Y + 16), mix(road, INK, 0.4), glows=True)
    for x in range(40, WIDTH, 240):
        canvas.shape(
            [(x, 868), (x + 130, 868), (x + 134, 880), (x - 4, 880)], mix(road, WHITE, 0.75), glows=True
        )


def _street_tree(canvas: Canvas, rng: Random) -> None:
    x = rng.choice((70.0, 1110.0))
    green = rng.choice(((96, 150, 98), (120, 158, 86), (84, 142, 112)))
    canvas.oval((x - 62, 730, x + 62, 762), mix(canvas.light.pavement, INK, 0.35), glows=True)
    canvas.shape([(x - 11, 745), (x - 7, 380), (x + 7, 380), (x + 12, 745)], (120, 92, 72))
    for _ in range(9):
        east, north, radius = rng.uniform(-85, 85), rng.uniform(-110, 40), rng.uniform(48, 78)
        leaf = mix(green, WHITE, rng.uniform(0, 0.18))
        canvas.oval((x + east - radius, 330 + north - radius, x + east + radius, 330 + north + radius), leaf)

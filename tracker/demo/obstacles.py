"""Things in the way: bikes, cars, stalls, cartons, rubbish. Each painter draws one trouble onto a scene."""

from random import Random

from tracker.demo.scene import AWNINGS, INK, WHITE, Canvas, Colour, mix

BIKES: tuple[Colour, ...] = ((242, 190, 60), (74, 152, 214), (92, 180, 140))
CARTON: Colour = (196, 154, 104)
BAGS: tuple[Colour, ...] = ((66, 70, 80), (228, 228, 222), (112, 150, 190), (190, 70, 72))


def bikes(canvas: Canvas, rng: Random) -> None:
    """Shared bikes in a heap across the pavement, some of them fallen."""
    for row, ground in enumerate((690, 728, 764)):
        x = rng.uniform(210, 250) + row * 24
        while x < 990:
            draw_bike(canvas, x, ground, rng.choice(BIKES), lean=rng.uniform(-10, 10))
            x += rng.uniform(84, 128)
    _fallen_bike(canvas, rng.uniform(380, 760), 800, rng.choice(BIKES))


def draw_bike(canvas: Canvas, x: float, ground: float, colour: Colour, *, lean: float = 0) -> None:
    rear, front, wheel_y = x - 52, x + 52, ground - 40
    canvas.oval((x - 92, ground - 6, x + 92, ground + 6), mix(canvas.light.pavement, INK, 0.22), glows=True)
    for hub in (rear, front):
        canvas.ring((hub, wheel_y), 38, INK, 5)
        canvas.ring((hub, wheel_y), 6, mix(INK, WHITE, 0.4), 4)
    saddle, bars = (x - 22 + lean, ground - 104), (x + 34 + lean, ground - 110)
    pedals = (x - 4.0, wheel_y)
    canvas.line(
        [
            (rear, wheel_y),
            pedals,
            (x + 30 + lean, ground - 88),
            (x - 18 + lean, ground - 84),
            (rear, wheel_y),
        ],
        colour,
        8,
    )
    canvas.line([pedals, saddle], colour, 8)
    canvas.line([(front, wheel_y), bars, (bars[0] - 16, bars[1] - 8)], mix(colour, INK, 0.35), 7)
    canvas.box((saddle[0] - 20, saddle[1] - 8, saddle[0] + 16, saddle[1] + 2), INK, round_px=5)
    canvas.box((bars[0] + 2, bars[1] + 8, bars[0] + 40, bars[1] + 36), mix(colour, INK, 0.15), round_px=4)
    canvas.line([(rear - 34, wheel_y - 22), (rear, wheel_y - 44), (rear + 34, wheel_y - 26)], colour, 6)


def _fallen_bike(canvas: Canvas, x: float, ground: float, colour: Colour) -> None:
    for hub in (x - 66, x + 66):
        canvas.arc((hub - 46, ground - 24, hub + 46, ground + 16), (0, 360), INK, 5)
    canvas.line([(x - 66, ground - 4), (x, ground - 16), (x + 66, ground - 4)], colour, 9)
    canvas.line([(x, ground - 16), (x - 20, ground - 40), (x + 40, ground - 34)], colour, 8)
    canvas.box((x - 44, ground - 48, x - 8, ground - 38), INK, round_px=5)


def car(canvas: Canvas, rng: Random) -> None:
    """A car with two wheels on the pavement."""
    x, ground, colour = (
        rng.uniform(300, 460),
        800.0,
        rng.choice(((192, 74, 70), (236, 236, 232), (70, 104, 150))),
    )
    canvas.oval((x - 30, ground - 20, x + 500, ground + 26), mix(canvas.light.road, INK, 0.5), glows=True)
    cabin = [
        (x + 90, ground - 110),
        (x + 150, ground - 188),
        (x + 330, ground - 188),
        (x + 408, ground - 110),
    ]
    canvas.shape(cabin, mix(colour, INK, 0.12))
    for left, right, slope in ((158, 232, -42), (246, 322, 0)):
        tail = 60 if slope == 0 else 0
        canvas.shape(
            [(x + left + slope, ground - 114), (x + left + 4, ground - 176), (x + right, ground - 176),
             (x + right + tail, ground - 114)], (176, 208, 216),
        )  # fmt: skip
    canvas.box((x, ground - 114, x + 470, ground - 22), colour, round_px=34)
    canvas.box((x + 6, ground - 52, x + 464, ground - 40), mix(colour, INK, 0.25))
    canvas.box((x + 2, ground - 96, x + 34, ground - 74), (250, 226, 150), round_px=8)
    canvas.box((x + 444, ground - 96, x + 468, ground - 70), (206, 60, 54), round_px=6)
    for hub in (x + 96, x + 372):
        canvas.oval((hub - 46, ground - 62, hub + 46, ground + 30), INK)
        canvas.oval((hub - 22, ground - 38, hub + 22, ground + 6), (190, 194, 200))


def stall(canvas: Canvas, rng: Random) -> None:
    """A fruit stall with a parasol in the middle of the pavement."""
    x, colour = rng.uniform(330, 560), rng.choice(AWNINGS)
    canvas.oval((x - 40, 752, x + 380, 790), mix(canvas.light.pavement, INK, 0.3), glows=True)
    canvas.box((x + 164, 420, x + 174, 770), (150, 150, 152))
    for number in range(6):
        left = x - 60 + number * 76
        shade = colour if number % 2 == 0 else WHITE
        canvas.shape([(x + 169, 372), (left, 468), (left + 76, 468)], shade)
    canvas.box((x - 20, 640, x + 360, 664), mix(CARTON, INK, 0.2))
    canvas.box((x - 10, 664, x + 350, 772), CARTON)
    for crate in range(4):
        left = x - 12 + crate * 94
        fruit = rng.choice(((226, 120, 60), (206, 72, 70), (134, 172, 72), (240, 200, 84)))
        canvas.box((left, 620, left + 86, 650), mix(CARTON, WHITE, 0.2))
        for number in range(8):
            canvas.oval(
                (left + 4 + number * 10, 598 + number % 2 * 8, left + 24 + number * 10, 618 + number % 2 * 8),
                fruit,
            )


def boxes(canvas: Canvas, rng: Random) -> None:
    """Cartons and crates piled against the shops, across the walking line."""
    for base, width, count in ((750, 118, 6), (778, 104, 4)):
        x = rng.uniform(260, 360)
        for _ in range(count):
            y = float(base)
            for _ in range(rng.choice((1, 2, 2, 3))):
                y -= _carton(canvas, rng, (x, y), width)
            x += width + rng.uniform(-4, 20)


def _carton(canvas: Canvas, rng: Random, foot: tuple[float, float], width: float) -> float:
    """Draw a carton standing on its left foot; return its height."""
    x, ground = foot
    height, colour = rng.uniform(62, 88), mix(CARTON, WHITE, rng.uniform(0, 0.25))
    x += rng.uniform(-8, 8)
    canvas.box((x, ground - height, x + width, ground), colour)
    canvas.box((x, ground - height, x + width, ground - height + 8), mix(colour, WHITE, 0.3))
    canvas.box((x + width * 0.42, ground - height, x + width * 0.58, ground), mix(colour, WHITE, 0.35))
    canvas.box((x, ground - 3, x + width, ground), mix(colour, INK, 0.3))
    return height


def bins(canvas: Canvas, rng: Random) -> None:
    """Three bins, shut and clean."""
    _bins(canvas, rng.uniform(330, 560))


def rubbish(canvas: Canvas, rng: Random) -> None:
    """The same bins too full to shut, bags around them and litter up to the kerb."""
    x = rng.uniform(330, 560)
    for number in range(3):
        left = x + number * 124
        canvas.oval((left + 10, 528, left + 92, 600), rng.choice(BAGS))
    _bins(canvas, x)
    for _ in range(9):
        _bag(canvas, x + rng.uniform(-170, 430), rng.uniform(738, 792), rng.choice(BAGS))
    for _ in range(26):
        left, top = x + rng.uniform(-240, 560), rng.uniform(738, 806)
        litter = rng.choice((WHITE, CARTON, *BIKES))
        canvas.box((left, top, left + rng.uniform(8, 22), top + rng.uniform(5, 10)), litter)


def _bins(canvas: Canvas, x: float) -> None:
    for number, colour in enumerate(((84, 96, 108), (88, 146, 92), (176, 84, 78))):
        left = x + number * 124
        canvas.oval((left - 6, 738, left + 110, 758), mix(canvas.light.pavement, INK, 0.3), glows=True)
        canvas.box((left, 596, left + 104, 748), colour, round_px=10)
        canvas.box((left - 6, 580, left + 110, 602), mix(colour, INK, 0.3), round_px=8)
        canvas.oval((left + 36, 640, left + 68, 672), mix(colour, WHITE, 0.6))


def _bag(canvas: Canvas, x: float, ground: float, colour: Colour) -> None:
    canvas.oval((x, ground - 70, x + 92, ground), colour)
    canvas.shape(
        [(x + 32, ground - 60), (x + 28, ground - 92), (x + 64, ground - 88), (x + 58, ground - 58)], colour
    )
    canvas.arc((x + 18, ground - 56, x + 74, ground - 10), (190, 260), mix(colour, WHITE, 0.4), 5)

"""Things broken or dangerous: covers, paving, water, signs, wires. Each painter draws one onto a scene."""

from random import Random

from tracker.demo.obstacles import draw_bike
from tracker.demo.scene import AWNINGS, INK, KERB_Y, LIT_GLASS, WHITE, Canvas, Colour, mix

WARN: Colour = (232, 120, 56)
WATER: Colour = (128, 168, 190)


def open_manhole(canvas: Canvas, rng: Random) -> None:
    """A manhole without its cover, the cover lying beside it."""
    x = rng.uniform(430, 640)
    canvas.oval((x - 8, 734, x + 228, 806), mix(canvas.light.pavement, INK, 0.45), glows=True)
    canvas.oval((x + 4, 740, x + 216, 800), (30, 32, 40))
    canvas.oval((x + 18, 762, x + 202, 800), (14, 15, 20))
    canvas.oval((x + 220, 770, x + 420, 824), (86, 90, 98))
    canvas.oval((x + 226, 766, x + 414, 814), (128, 132, 138))
    for number in range(5):
        left = x + 256 + number * 28
        canvas.box((left, 778, left + 16, 802), (100, 104, 112), round_px=3)
    for _ in range(12):
        left, top = x + rng.uniform(-80, 240), rng.uniform(806, 840)
        canvas.oval((left, top, left + 14, top + 9), mix(canvas.light.road, WHITE, 0.3), glows=True)


def shut_manhole(canvas: Canvas, rng: Random) -> None:
    """The same manhole with its cover on."""
    x = rng.uniform(430, 640)
    canvas.oval((x + 4, 740, x + 216, 800), (86, 90, 98))
    canvas.oval((x + 12, 743, x + 208, 795), (128, 132, 138))
    for number in range(5):
        left = x + 48 + number * 26
        canvas.box((left, 756, left + 14, 782), (100, 104, 112), round_px=3)


def broken_paving(canvas: Canvas, rng: Random) -> None:
    """Cracked and lifted paving stones."""
    x = rng.uniform(330, 480)
    canvas.oval((x - 10, 664, x + 430, 762), mix(canvas.light.pavement, (120, 96, 74), 0.7), glows=True)
    for _ in range(11):
        left, top, tilt = x + rng.uniform(0, 340), rng.uniform(672, 728), rng.uniform(-16, 16)
        stone = mix(canvas.light.pavement, INK, rng.uniform(0.05, 0.3))
        canvas.shape(
            [(left, top + tilt), (left + 66, top - tilt), (left + 74, top + 26), (left + 8, top + 32 + tilt)],
            stone,
        )
    for _ in range(4):
        left = x + rng.uniform(-40, 400)
        canvas.line(
            [(left, 660), (left + 22, 700), (left + 4, 728), (left + 30, 766)], mix(INK, WHITE, 0.15), 4
        )


def puddle(canvas: Canvas, rng: Random) -> None:
    """Water standing from the kerb across the pavement."""
    x, water = rng.uniform(180, 300), mix(WATER, canvas.light.road, 0.3)
    for left, top, right, bottom in ((0.0, 716, 620, 830), (200, 736, 760, 856), (-90, 758, 330, 838)):
        canvas.oval((x + left, top, x + right, bottom), water, glows=True)
    for left, top in ((90, 744), (300, 770), (470, 800), (180, 806)):
        sheen = mix(water, WHITE, 0.45)
        canvas.arc((x + left, top, x + left + 130, top + 30), (190, 330), sheen, 4)
    canvas.box((x + 330, KERB_Y - 2, x + 420, KERB_Y + 18), INK, round_px=4)
    for number in range(9):
        left = x + rng.uniform(60, 620)
        canvas.oval((left, 752 + number * 7, left + 20, 760 + number * 7), (150, 140, 80))


def loose_sign(canvas: Canvas, rng: Random) -> None:
    """A shop's signboard hanging from one end."""
    x, colour = rng.uniform(380, 560), rng.choice(AWNINGS)
    canvas.line([(x, 340), (x + 18, 372)], INK, 6)
    canvas.line([(x + 330, 330), (x + 338, 372)], mix(INK, WHITE, 0.3), 4)
    board = [(x, 366), (x + 316, 478), (x + 292, 544), (x - 24, 432)]
    canvas.shape([(east + 8, south + 12) for east, south in board], mix(INK, WHITE, 0.2))
    canvas.shape(board, colour)
    for number in range(4):
        east, south = x + 30 + number * 66, 402 + number * 23.5
        canvas.shape(
            [(east, south), (east + 42, south + 15), (east + 34, south + 38), (east - 8, south + 23)], WHITE
        )
    canvas.line([(x + 308, 500), (x + 326, 560), (x + 312, 590)], INK, 3)


def branch(canvas: Canvas, rng: Random) -> None:
    """A broken branch with its leaves across the pavement."""
    x = rng.uniform(280, 400)
    canvas.line([(x, 800), (x + 190, 730), (x + 420, 700), (x + 560, 640)], (112, 84, 64), 22)
    canvas.line([(x + 190, 730), (x + 300, 640), (x + 350, 600)], (112, 84, 64), 13)
    canvas.line([(x + 330, 712), (x + 470, 770)], (112, 84, 64), 11)
    for centre, south in ((350, 610), (470, 768), (560, 640), (430, 690), (510, 700), (300, 660)):
        for _ in range(9):
            east, down, radius = rng.uniform(-62, 62), rng.uniform(-40, 40), rng.uniform(20, 36)
            leaf = mix((92, 148, 88), (190, 196, 90), rng.uniform(0, 0.5))
            left, top = x + centre + east, south + down
            canvas.oval((left - radius, top - radius * 0.7, left + radius, top + radius * 0.7), leaf)


def smoke(canvas: Canvas, rng: Random) -> None:
    """Thick smoke out of a shop's vent."""
    x = rng.uniform(420, 700)
    canvas.box((x - 46, 506, x + 46, 556), (150, 154, 158), round_px=4)
    for number in range(4):
        canvas.box((x - 38, 514 + number * 10, x + 38, 518 + number * 10), INK)
    for step in range(9):
        size = 80 + step * 26
        east, top = x + rng.uniform(-30, 30) + step * 26, 500 - step * 46
        canvas.veil(
            (east - size, top - size * 0.8, east + size, top + size * 0.8), (96, 96, 100), 0.72 - step * 0.03
        )


def works(canvas: Canvas, rng: Random) -> None:
    """A dug-up pavement behind barriers, with a drill standing in it."""
    x = rng.uniform(250, 380)
    canvas.shape([(x, 780), (x + 60, 690), (x + 520, 690), (x + 580, 780)], (132, 104, 80))
    canvas.shape([(x + 300, 760), (x + 390, 640), (x + 470, 690), (x + 540, 764)], (158, 126, 96))
    canvas.line([(x + 196, 560), (x + 196, 716)], (84, 90, 98), 16)
    canvas.line([(x + 150, 566), (x + 242, 566)], INK, 12)
    canvas.line([(x + 196, 716), (x + 196, 770)], INK, 7)
    for number in range(3):
        left = x - 30 + number * 218
        for foot in (16, 164):
            canvas.box((left + foot, 700, left + foot + 12, 812), (150, 152, 156))
        canvas.box((left, 706, left + 192, 744), WHITE, round_px=4)
        for stripe in range(4):
            east = left + 8 + stripe * 46
            canvas.shape([(east, 744), (east + 22, 706), (east + 44, 706), (east + 22, 744)], WARN)
    for ring in range(3):
        reach = 40 + ring * 26
        canvas.arc((x + 196 - reach, 600 - reach, x + 196 + reach, 600 + reach), (205, 335), WARN, 6)


def wires(canvas: Canvas, rng: Random) -> None:
    """E-bikes charging from a cable let down out of a window."""
    x = rng.uniform(380, 520)
    canvas.line([(x, 300), (x - 16, 420), (x + 26, 540), (x + 6, 660)], INK, 6)
    canvas.line([(x, 300), (x + 120, 440), (x + 96, 560), (x + 210, 660)], (190, 70, 66), 5)
    canvas.box((x - 18, 648, x + 40, 676), WHITE, round_px=5)
    canvas.box((x + 196, 650, x + 240, 676), WHITE, round_px=5)
    for number in range(3):
        draw_bike(
            canvas,
            x - 90 + number * 170,
            764,
            rng.choice(((60, 66, 78), (186, 64, 60), (70, 110, 160))),
            lean=0,
        )
    canvas.shape(
        [(x + 22, 556), (x - 6, 606), (x + 14, 606), (x, 648), (x + 42, 592), (x + 20, 592)],
        (246, 196, 60),
        glows=True,
    )


def posters(canvas: Canvas, rng: Random) -> None:
    """Bills stuck all over the shop windows."""
    x = rng.uniform(180, 320)
    for number in range(16):
        left, top = x + number % 8 * 82 + rng.uniform(-16, 16), 470 + number // 8 * 66 + rng.uniform(-14, 14)
        sheet = rng.choice((WHITE, (248, 226, 120), (238, 176, 176), (190, 220, 190)))
        canvas.box((left, top, left + 46, top + 58), sheet)
        canvas.box((left + 6, top + 8, left + 40, top + 16), (196, 66, 60))
        for line in range(3):
            canvas.box(
                (left + 6, top + 24 + line * 10, left + 38, top + 27 + line * 10), mix(INK, sheet, 0.4)
            )


def laundry(canvas: Canvas, rng: Random) -> None:
    """Washing on a line from the tree's side to the shops."""
    x = rng.uniform(210, 330)
    for pole in (x, x + 620):
        canvas.line([(pole, 420), (pole, 740)], (126, 130, 136), 8)
    canvas.line([(x, 430), (x + 310, 462), (x + 620, 430)], INK, 3)
    for number in range(7):
        left, top = x + 36 + number * 80, 446 + 14 * (1 - abs(number - 3) / 3)
        cloth, width = mix(rng.choice(AWNINGS), WHITE, rng.uniform(0.3, 0.8)), rng.uniform(46, 68)
        length = rng.uniform(90, 180)
        hem = [(left + width + 4, top + length), (left - 4, top + length - 8)]
        canvas.shape([(left, top), (left + width, top), *hem], cloth)
        canvas.box((left + 4, top - 6, left + 10, top + 8), (232, 120, 56))


def dark_lamp(canvas: Canvas, rng: Random) -> None:
    """Nothing but the night around a lamp that is out."""
    del rng
    canvas.veil((-200, 300, 1400, 1150), (4, 6, 14), 0.75)


def clutter(canvas: Canvas, rng: Random) -> None:
    """A board on the pavement with a mark on it: the picture of a matter that has no shape of its own."""
    x = rng.uniform(470, 620)
    canvas.oval((x - 30, 744, x + 240, 778), mix(canvas.light.pavement, INK, 0.3), glows=True)
    canvas.shape([(x, 760), (x + 24, 540), (x + 186, 540), (x + 210, 760)], (112, 84, 64))
    canvas.shape([(x + 18, 740), (x + 38, 558), (x + 172, 558), (x + 192, 740)], (250, 240, 214))
    canvas.arc((x + 72, 584, x + 138, 650), (150, 430), WARN, 15)
    canvas.line([(x + 105, 646), (x + 105, 680)], WARN, 15)
    canvas.oval((x + 95, 696, x + 115, 716), WARN)


def lamp_post(canvas: Canvas, *, lit: bool) -> None:
    """The street lamp that stands in night scenes, working or not."""
    x = 640.0
    canvas.box((x - 7, 190, x + 7, 752), (96, 102, 116))
    canvas.arc((x - 126, 160, x + 6, 290), (270, 360), (96, 102, 116), 12)
    canvas.box((x - 142, 154, x - 56, 176), (110, 116, 130), round_px=8)
    canvas.box((x - 132, 174, x - 66, 184), LIT_GLASS if lit else (60, 64, 78), round_px=4, glows=lit)
    if lit:
        canvas.veil((x - 540, -30, x + 340, 1000), LIT_GLASS, 0.55)
        canvas.veil((x - 200, 90, x + 2, 270), LIT_GLASS, 0.95)

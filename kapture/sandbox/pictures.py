"""Draws the pictures of the sample media: a look such as `sunset-plum` in any size, with details from a seed."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sin
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageOps

Colour = tuple[int, int, int]
# Shapes are drawn larger and scaled down, which smooths their edges.
SCALE = 2


@dataclass(frozen=True, slots=True)
class Palette:
    """Sky from top over middle to horizon, the light, and the dark of what stands before it."""

    top: str
    middle: str
    low: str
    light: str
    dark: str


PALETTES = {
    "sunset-plum": Palette("#2a1038", "#8a2a5c", "#f0805a", "#ffd27a", "#2d0f33"),
    "sunset-gold": Palette("#40204a", "#c4543f", "#ffb85c", "#fff0b8", "#38162c"),
    "mountains-teal": Palette("#0d2c33", "#1f6268", "#5fa39b", "#eef5e6", "#0c2a30"),
    "mountains-dusk": Palette("#1d2b4d", "#45619b", "#c99f78", "#ffdb94", "#141f3d"),
    "skyline-rose": Palette("#0c0f30", "#4b2460", "#f0716c", "#ffc27d", "#0a0c24"),
    "skyline-blue": Palette("#0e1433", "#2b3d85", "#7d8fd6", "#dfe6ff", "#0a1029"),
    "bokeh-violet": Palette("#1d0b3d", "#4c1a82", "#b443cf", "#f3a6ff", "#160830"),
    "bokeh-green": Palette("#04231d", "#0f5b47", "#5cb884", "#e3ffcf", "#031a16"),
    "lamp-amber": Palette("#2b1808", "#6e4012", "#d99a45", "#fff0c2", "#1e1005"),
    "waves-cyan": Palette("#071722", "#0e4258", "#2f93b5", "#c9f1ff", "#06121c"),
}


def draw(look: str, seed: int, width: int, height: int) -> Image.Image:
    """The picture of a look; the same seed draws the same details."""
    palette = PALETTES[look]
    size = (width * SCALE, height * SCALE)
    canvas = _sky(palette, size)
    _PAINTERS[look.split("-", maxsplit=1)[0]](canvas, palette, Random(f"{look}|{seed}"))
    return canvas.resize((width, height), Image.Resampling.LANCZOS)


def avatar(key: str, side: int = 96) -> Image.Image:
    """Two colours of one of the looks, turned by the key."""
    rng = Random(key)
    palette = rng.choice(list(PALETTES.values()))
    return _sky(palette, (side * 2, side * 2)).rotate(rng.randrange(360)).crop((side // 2,) * 2 + (side * 3 // 2,) * 2)


def _sky(palette: Palette, size: tuple[int, int]) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size)
    return ImageOps.colorize(ramp, palette.top, palette.low, mid=palette.middle, midpoint=140)


def _glow(canvas: Image.Image, centre: tuple[float, float], radius: float, colour: str, strength: float) -> None:
    """Add a round light that fades to nothing at its radius."""
    side = max(int(radius * 2), 2)
    mask = Image.radial_gradient("L").point(
        [int(255 * strength * max(1 - level / 180, 0) ** 1.7) for level in range(256)]
    )
    place = (int(centre[0] - radius), int(centre[1] - radius))
    canvas.paste(Image.new("RGB", (side, side), colour), place, mask.resize((side, side)))


def _disc(canvas: Image.Image, centre: tuple[float, float], radius: float, colour: str) -> None:
    x, y = centre
    ImageDraw.Draw(canvas).ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _mixed(first: str, second: str, share: float) -> Colour:
    one, two = (tuple(int(text[at : at + 2], 16) for at in (1, 3, 5)) for text in (first, second))
    red, green, blue = (int(a + (b - a) * share) for a, b in zip(one, two, strict=True))
    return red, green, blue


def _ridge(canvas: Image.Image, rng: Random, level: float, rough: float, colour: Colour) -> None:
    """One line of hills, filled to the bottom."""
    width, height = canvas.size
    waves = [(rng.uniform(2.0, 4.5) * 1.9**n, rng.uniform(0, 7), rough / 1.7**n) for n in range(6)]
    points = [
        (x, height * (level + sum(tall * (0.5 - abs(sin(x / width * pace + shift))) for pace, shift, tall in waves)))
        for x in range(0, width + 8, 8)
    ]
    ImageDraw.Draw(canvas).polygon([(0, height), *points, (width, height)], fill=colour)


def _landscape(
    canvas: Image.Image, palette: Palette, rng: Random, levels: tuple[float, ...], sun: float, rough: float
) -> None:
    width, height = canvas.size
    centre = (width * rng.uniform(0.25, 0.75), height * rng.uniform(0.32, 0.46))
    _glow(canvas, centre, height * 0.62, palette.light, 0.75)
    _disc(canvas, centre, height * sun, palette.light)
    for index, level in enumerate(levels):
        share = (index + 1) / len(levels)
        _ridge(canvas, rng, level, rough * (1 - share / 2), _mixed(palette.middle, palette.dark, 0.25 + 0.75 * share))


def _sunset(canvas: Image.Image, palette: Palette, rng: Random) -> None:
    _landscape(canvas, palette, rng, (0.66, 0.78, 0.9), 0.13, 0.1)


def _mountains(canvas: Image.Image, palette: Palette, rng: Random) -> None:
    _landscape(canvas, palette, rng, (0.56, 0.65, 0.76, 0.88), 0.1, 0.16)


def _skyline(canvas: Image.Image, palette: Palette, rng: Random) -> None:
    width, height = canvas.size
    _glow(canvas, (width * rng.uniform(0.3, 0.8), height * 0.8), height * 0.8, palette.light, 0.55)
    pen = ImageDraw.Draw(canvas)
    for share, tallest in ((0.55, 0.62), (0.95, 0.5)):
        x = 0.0
        while x < width:
            wide = width * rng.uniform(0.035, 0.07)
            top = height * (1 - rng.uniform(0.2, tallest))
            pen.rectangle((x, top, x + wide, height), fill=_mixed(palette.middle, palette.dark, share))
            if share > 0.9:
                _windows(pen, rng, (x, top, x + wide, float(height)), palette)
            x += wide + width * rng.uniform(0.0, 0.012)


def _windows(pen: ImageDraw.ImageDraw, rng: Random, box: tuple[float, float, float, float], palette: Palette) -> None:
    left, top, right, bottom = box
    side = max((right - left) / 9, 2)
    y = top + side * 2
    while y < bottom:
        x = left + side
        while x < right - side * 1.5:
            if rng.random() < 0.3:
                pen.rectangle(
                    (x, y, x + side, y + side * 1.3), fill=_mixed(palette.dark, palette.light, rng.uniform(0.3, 1))
                )
            x += side * 2
        y += side * 3


def _bokeh(canvas: Image.Image, palette: Palette, rng: Random) -> None:
    width, height = canvas.size
    for _ in range(26):
        radius = height * rng.uniform(0.03, 0.15)
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        veil = Image.new("L", canvas.size, 0)
        pen = ImageDraw.Draw(veil)
        depth = rng.randint(26, 110)
        box = (x - radius, y - radius, x + radius, y + radius)
        pen.ellipse(box, fill=depth, outline=min(depth + 60, 255), width=max(int(radius / 14), 1))
        around = (int(x - radius) - 4, int(y - radius) - 4, int(x + radius) + 4, int(y + radius) + 4)
        part = veil.crop(around).filter(ImageFilter.GaussianBlur(rng.choice((1, 2, 5))))
        light = _mixed(palette.low, palette.light, rng.random())
        canvas.paste(Image.new("RGB", part.size, light), around[:2], part)


def _lamp(canvas: Image.Image, palette: Palette, rng: Random) -> None:
    width, height = canvas.size
    x, top = width * rng.uniform(0.35, 0.65), height * rng.uniform(0.16, 0.26)
    floor, half = height * 0.86, height * 0.12
    ImageDraw.Draw(canvas).rectangle((0, floor, width, height), fill=_mixed(palette.dark, palette.low, 0.2))
    beam = Image.new("L", canvas.size, 0)
    spread = height * rng.uniform(0.5, 0.8)
    ImageDraw.Draw(beam).polygon(
        [(x - half, top + half * 1.4), (x + half, top + half * 1.4), (x + spread, floor), (x - spread, floor)], fill=110
    )
    canvas.paste(
        Image.new("RGB", canvas.size, palette.light), (0, 0), beam.filter(ImageFilter.GaussianBlur(height / 24))
    )
    _glow(canvas, (x, top + half), height * 0.5, palette.light, 0.8)
    pen = ImageDraw.Draw(canvas)
    pen.rectangle((x - 3, top + half, x + 3, floor), fill=palette.dark)
    pen.rounded_rectangle((x - half, floor - 8, x + half, floor + 4), 6, fill=palette.dark)
    shade = [(x - half * 0.6, top), (x + half * 0.6, top), (x + half, top + half * 1.4), (x - half, top + half * 1.4)]
    pen.polygon(shade, fill=palette.light)


def _waves(canvas: Image.Image, palette: Palette, rng: Random) -> None:
    width, height = canvas.size
    pen = ImageDraw.Draw(canvas)
    step, shift = width / 84, rng.uniform(0, 9)
    for index in range(84):
        swell = abs(sin(index / 9 + shift)) * abs(sin(index / 23 + shift * 2)) + 0.08
        tall = height * 0.36 * swell * rng.uniform(0.45, 1.1)
        x = index * step + step * 0.25
        bright = 1.0 if rng.random() < 0.12 else rng.uniform(0.25, 0.6)
        box = (x, height / 2 - tall, x + step * 0.5, height / 2 + tall)
        pen.rounded_rectangle(box, step * 0.25, fill=_mixed(palette.low, palette.light, bright))
    _glow(canvas, (width / 2, height), height * 0.6, palette.low, 0.5)


_PAINTERS: dict[str, Callable[[Image.Image, Palette, Random], None]] = {
    "sunset": _sunset,
    "mountains": _mountains,
    "skyline": _skyline,
    "bokeh": _bokeh,
    "lamp": _lamp,
    "waves": _waves,
}

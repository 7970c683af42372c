"""Every text colour on every surface it may stand on, in both themes: WCAG 2.2's ratio from the stylesheet's tokens."""

import math
import re
from pathlib import Path

import pytest

STYLESHEET = Path(__file__).parents[1] / "static" / "app.css"
OKLCH = r"oklch\([\d.]+% [\d.]+ [\d.]+\)"
PAIR = re.compile(rf"--([a-z0-9]+):\s*light-dark\(({OKLCH}),\s*({OKLCH})\)")
THEMES = ("light", "dark")
SURFACES = ("page", "card", "raised", "hover", "tint", "sand", "rose", "moss")
LEAST = {"ink": 12.0, "ink2": 7.0, "ink3": 5.0, "accent": 5.0, "amber": 5.0, "red": 5.0, "green": 5.0}


def tokens(css: str) -> dict[str, tuple[str, str]]:
    """Return the light and the dark colour of every token of `css`."""
    return {name: (light, dark) for name, light, dark in PAIR.findall(css)}


def luminance(colour: str) -> float:
    """Relative luminance of an oklch colour (Björn Ottosson's matrices; clipped to sRGB, WCAG 2.2 weights)."""
    lightness, chroma, hue = (float(part) for part in re.findall(r"[\d.]+", colour))
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    lightness /= 100
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    return sum(w * min(1, max(0, c)) for w, c in zip((0.2126, 0.7152, 0.0722), (red, green, blue), strict=True))


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two colours."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.fixture(scope="module")
def colours() -> dict[str, tuple[str, str]]:
    return tokens(STYLESHEET.read_text())


def test_the_measure_knows_black_from_white() -> None:
    assert contrast("oklch(0% 0 0)", "oklch(100% 0 0)") == pytest.approx(21, abs=0.05)
    assert contrast("oklch(60% .1 90)", "oklch(60% .1 90)") == pytest.approx(1)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text", LEAST)
def test_text_is_readable_on_every_surface_it_may_stand_on(
    colours: dict[str, tuple[str, str]], text: str, theme: str
) -> None:
    index = THEMES.index(theme)
    ratios = {surface: contrast(colours[text][index], colours[surface][index]) for surface in SURFACES}
    too_low = {surface: round(ratio, 2) for surface, ratio in ratios.items() if ratio < LEAST[text]}
    assert not too_low, f"--{text} needs {LEAST[text]}:1 in the {theme} theme"


@pytest.mark.parametrize("theme", THEMES)
def test_controls_can_be_told_from_what_they_stand_on(colours: dict[str, tuple[str, str]], theme: str) -> None:
    index = THEMES.index(theme)
    edge = {surface: contrast(colours["edge"][index], colours[surface][index]) for surface in SURFACES[:4]}
    assert min(edge.values()) >= 3, edge
    assert contrast(colours["on"][index], colours["accent"][index]) >= 5
    assert contrast(colours["page"][index], colours["ink"][index]) >= 12


def test_a_colour_outside_the_tokens_is_noticed() -> None:
    css = STYLESHEET.read_text()
    body = css[css.index("@layer base {") :]
    assert not re.findall(r"(?<![\w-])(?:color|background(?:-color)?):\s*(?:#[0-9a-f]{3,8}\b|rgb|oklch)", body)

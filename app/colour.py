"""An association chooses any colour; what is written on it, or in it, stays legible (WCAG 2.2, 1.4.3: 4.5 to 1)."""

import colorsys
import re

ENOUGH = 4.6  # a little over 4.5, for rounding
DEFAULT = "#0b5e63"
GROUND = "#e3f0ef"  # the darkest of the pale grounds that a colour is written on


def channels(colour: str) -> tuple[float, float, float]:
    """Red, green and blue from 0 to 1."""
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def legible(colour: str | None) -> str:
    """The colour, darkened just as much as is needed to read it on our grounds and to read white on it."""
    if not colour or not re.fullmatch("#[0-9a-fA-F]{6}", colour):
        return DEFAULT
    hue, lightness, saturation = colorsys.rgb_to_hls(*channels(colour))
    while contrast(colour, GROUND) < ENOUGH and lightness > 0:
        lightness = max(0.0, lightness - 0.01)
        rgb = colorsys.hls_to_rgb(hue, lightness, saturation)
        colour = "#" + "".join(f"{round(channel * 255):02x}" for channel in rgb)
    return colour

"""Copy the fonts and licences that pages and documents use from their npm packages; documents want TTF.

    npm install --prefix /tmp/assets @fontsource-variable/bricolage-grotesque@5 \
        @fontsource-variable/atkinson-hyperlegible-next@5
    python scripts/assets.py /tmp/assets/node_modules
"""

import shutil
import sys
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FONTS = Path(__file__).resolve().parent.parent / "app" / "static" / "fonts"
FAMILIES = {"bricolage-grotesque": (400, 700), "atkinson-hyperlegible-next": (400, 700)}


def main(modules: Path) -> None:
    FONTS.mkdir(parents=True, exist_ok=True)
    for family, weights in FAMILIES.items():
        package = modules / "@fontsource-variable" / family
        for subset in ("latin", "latin-ext"):
            shutil.copy(package / "files" / f"{family}-{subset}-wght-normal.woff2", FONTS)
        shutil.copy(package / "LICENSE", FONTS / f"{family}-LICENSE.txt")
        for weight in weights:
            for subset in ("latin", "latin-ext"):
                write_ttf(package / "files" / f"{family}-{subset}-wght-normal.woff2", family, subset, weight)


def write_ttf(source: Path, family: str, subset: str, weight: int) -> None:
    """One weight of a variable font, without compression: documents render five times faster so."""
    font = TTFont(source)
    font.flavor = None
    instance = instantiateVariableFont(font, {"wght": weight}, inplace=True)
    target = FONTS / f"{family}-{subset}-{weight}.ttf"
    instance.save(target)
    print(target.name, target.stat().st_size)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

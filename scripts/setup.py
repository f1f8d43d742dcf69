"""Make the virtual environment and check the machine: `make` calls this with any Python 3, and the standard library only.

    setup.py FOLDER EXTRAS [browser]

What is missing and can be installed is installed; for what cannot, one line says what to type. A second call takes no time.
"""

import ctypes.util
import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def refuse(sentence):
    sys.exit("Binôme ne démarre pas : " + sentence)


def check_python():
    if sys.version_info < (3, 11):
        refuse(
            "il faut Python 3.11 ou plus récent, et celui-ci est %s. Essayez : make run PYTHON=python3.11" % sys.version.split()[0]
        )


def stamp_of(extras):
    """What the environment is made from: it is remade when one of these changes."""
    digest = hashlib.sha256((extras + sys.version).encode())
    for name in ("setup.cfg", "constraints.txt"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def make_environment(folder, extras):
    """Create the environment and install the pinned versions, unless it is there already."""
    mark, stamp = os.path.join(folder, "binome-" + extras.replace(",", "-")), stamp_of(extras)
    if os.path.exists(mark) and open(mark).read() == stamp:
        return
    try:
        probe = os.path.join(ROOT, ".writable")
        with open(probe, "w"):
            os.remove(probe)
    except OSError:
        refuse("le dossier %s n'est pas accessible en écriture. Clonez-le dans un dossier à vous." % ROOT)
    print("Binôme : installation des bibliothèques (une à deux minutes la première fois)…", flush=True)
    if not os.path.exists(os.path.join(folder, "bin", "python")):
        made = subprocess.run([sys.executable, "-m", "venv", folder])
        if made.returncode:
            refuse("l'environnement virtuel n'a pas pu être créé. Sous Debian : apt-get install python3-venv")
    python = os.path.join(folder, "bin", "python")
    quiet = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--use-pep517"]
    installed = subprocess.run([*quiet, "-c", "constraints.txt", "-e", ".[%s]" % extras], cwd=ROOT)
    if installed.returncode:
        refuse("une bibliothèque n'a pas pu être installée ; le message de pip est au-dessus.")
    with open(mark, "w") as file:
        file.write(stamp)


def has_pango():
    return all(ctypes.util.find_library(name) for name in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset"))


def install_debian(packages):
    """Install Debian's packages when that is possible here; say whether it was."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *packages]):
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode:
            return False
    return True


def check_pango():
    """WeasyPrint draws documents with Pango."""
    if has_pango() or (install_debian(PANGO.split()) and has_pango()):
        return
    refuse(
        "il manque Pango, qui dessine les documents. Tapez l'une de ces lignes :\n"
        "  Debian, Ubuntu : sudo apt-get install %s\n"
        "  Fedora         : sudo dnf install pango harfbuzz\n"
        "  macOS          : brew install pango" % PANGO
    )


def check_browser():
    """The journeys run in the system's Chromium."""
    if any(shutil.which(name) for name in BROWSERS) or install_debian(["chromium", "poppler-utils"]):
        return
    refuse("il manque Chromium, où se jouent les parcours. Tapez : sudo apt-get install chromium poppler-utils")


def main():
    check_python()
    make_environment(os.path.join(ROOT, sys.argv[1]), sys.argv[2])
    check_pango()
    if "browser" in sys.argv[3:]:
        check_browser()


if __name__ == "__main__":
    main()

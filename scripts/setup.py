"""Make the virtual environment and check the machine: `make` calls this with any Python 3, and the standard library only.

    setup.py FOLDER EXTRAS [browser]

What is missing and can be installed is installed, Debian's packages while pip works; for what cannot, one line says what to type.
With `browser`, the machine is to run the tests too. A second call takes no time.
"""

import collections
import ctypes.util
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
JAVA = 17


def refuse(sentence):
    sys.exit("Binôme ne démarre pas : " + sentence)


def check_python():
    if sys.version_info < (3, 11):
        refuse(
            "il faut Python 3.11 ou plus récent, et celui-ci est %s. Essayez : make run PYTHON=python3.11" % sys.version.split()[0]
        )


def has_pango():
    return all(ctypes.util.find_library(name) for name in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset"))


def has_browser():
    return any(shutil.which(name) for name in BROWSERS)


def has_poppler():
    return shutil.which("pdfsig") is not None


def has_java():
    """Ask it: macOS has a `java` that only says where to find one."""
    if not shutil.which("java"):
        return False
    said = subprocess.run(["java", "-version"], stderr=subprocess.PIPE, text=True).stderr
    version = re.search(r'version "(\d+)', said)
    return version is not None and int(version.group(1)) >= JAVA


def has_venv():
    """Debian keeps apart what makes an environment. One that is there asks for nothing."""
    importlib.invalidate_caches()
    return importlib.util.find_spec("ensurepip") is not None or is_whole(os.path.join(ROOT, sys.argv[1], "bin", "python"))


def is_whole(python):
    """Whether an environment's Python starts, has pip, and is of the version that runs this: if not, it is made again."""
    asked = "import pip, sys; sys.exit(sys.version_info[:2] != %r)" % (sys.version_info[:2],)
    try:
        return subprocess.run([python, "-c", asked], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:  # there is none, or a link that leads nowhere
        return False


Need = collections.namedtuple("Need", "what is_met debian fedora macos")
VENV = "python%d.%d-venv" % sys.version_info[:2]
TO_RUN = [
    Need("le module venv de Python", has_venv, VENV, "python3", "python"),
    Need(
        "Pango, qui dessine les documents", has_pango,
        "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0", "pango harfbuzz", "pango harfbuzz",
    ),
]  # fmt: skip
TO_TEST = [
    Need("Chromium, où se jouent les parcours", has_browser, "chromium", "chromium", "chromium"),
    Need("Poppler, qui relit les documents", has_poppler, "poppler-utils", "poppler-utils", "poppler"),
    Need("Java %s, où veraPDF les juge" % JAVA, has_java, "default-jre-headless", "java-latest-openjdk-headless", "temurin"),
]


def check_machine(needs):
    """Refuse with the line to type when something is missing."""
    missing = [need for need in needs if not need.is_met()]
    if not missing:
        return
    refuse(
        "il manque %s.\nTapez l'une de ces lignes :\n"
        "  Debian, Ubuntu : sudo apt-get install %s\n"
        "  Fedora         : sudo dnf install %s\n"
        "  macOS          : brew install %s"
        % tuple(
            [" ; ".join(need.what for need in missing)]
            + [" ".join(getattr(need, system) for need in missing) for system in ("debian", "fedora", "macos")]
        )
    )


def install_debian(needs):
    """Install Debian's packages, all at once; nothing for no need. Chromium comes without its windows where it can."""
    if not needs:
        return
    packages = [name for need in needs for name in need.debian.split()]
    attempts = [packages]
    if "chromium" in packages:
        attempts.insert(0, ["chromium-headless-shell" if name == "chromium" else name for name in packages])
    quiet = {"env": dict(os.environ, DEBIAN_FRONTEND="noninteractive"), "stdout": subprocess.DEVNULL}
    if subprocess.run(["apt-get", "update", "-qq"], **quiet).returncode:
        return
    for names in attempts:
        last = names is attempts[-1]
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names]
        if subprocess.run(install, stderr=None if last else subprocess.DEVNULL, **quiet).returncode == 0:
            return


def stamp_of(extras):
    """What the environment is made from: it is remade when one of these changes."""
    digest = hashlib.sha256((extras + sys.version).encode())
    for name in ("setup.cfg", "constraints.txt"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def make_environment(folder, extras):
    """Create the environment and install the pinned versions, unless it is there already: one `make` at a time."""
    mark, stamp = os.path.join(folder, "binome-" + extras.replace(",", "-")), stamp_of(extras)
    if is_stamped(mark, stamp):
        return
    try:
        lock = open(os.path.join(ROOT, ".setup.lock"), "w")
    except OSError:
        refuse("le dossier %s n'est pas accessible en écriture. Clonez-le dans un dossier à vous." % ROOT)
    with lock:  # given back at the end, however this ends
        print("Binôme : installation des bibliothèques (une à deux minutes la première fois)…", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_stamped(mark, stamp):  # by another `make`, while this one waited
            return
        if not is_whole(os.path.join(folder, "bin", "python")):
            made = subprocess.run([sys.executable, "-m", "venv", "--clear", folder])
            if made.returncode:
                refuse("l'environnement virtuel n'a pas pu être créé. Sous Debian : apt-get install " + VENV)
        if not install(os.path.join(folder, "bin", "python"), extras):
            refuse("une bibliothèque n'a pas pu être installée ; le message de pip est au-dessus.")
        with open(mark, "w") as file:
            file.write(stamp)


def is_stamped(mark, stamp):
    """Whether an environment was made from these very things, to the end."""
    try:
        with open(mark) as file:
            return file.read() == stamp
    except OSError:
        return False


def install(python, extras):
    """Install the pinned versions and say whether it went well: by uv, much quicker, or by pip where uv cannot.

    Nothing is compiled beforehand: half of it is never imported.
    """
    wanted = ["-c", "constraints.txt", "-e", ".[%s]" % extras]
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    uv = [python, "-m", "uv", "pip", "install", "--quiet", "--python", python, *wanted]
    quiet = {"cwd": ROOT, "stderr": subprocess.DEVNULL}
    if all(subprocess.run(step, **quiet).returncode == 0 for step in ([*pip, "-c", "constraints.txt", "uv"], uv)):
        return True
    return subprocess.run([*pip, "--use-pep517", *wanted], cwd=ROOT).returncode == 0


def main():
    check_python()
    needs = TO_RUN + TO_TEST if "browser" in sys.argv[3:] else TO_RUN
    missing = [need for need in needs if not need.is_met()]
    if missing and not (shutil.which("apt-get") and os.geteuid() == 0):
        check_machine(missing)
    apt = threading.Thread(target=install_debian, args=(missing,))
    apt.start()
    if not has_venv():
        apt.join()  # the environment is made with what it brings
    try:
        make_environment(os.path.join(ROOT, sys.argv[1]), sys.argv[2])
    finally:
        apt.join()
    check_machine(missing)


if __name__ == "__main__":
    main()

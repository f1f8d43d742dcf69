"""Setting a machine up: what it lacks is installed in one go, or named with the line to type."""

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from fcntl import LOCK_EX, flock
from importlib.util import module_from_spec, spec_from_file_location
from types import SimpleNamespace

import pytest

from tests.databases import ROOT

pytestmark = pytest.mark.no_database

PANGO = {"pango-1.0", "pangoft2-1.0", "harfbuzz-subset"}
LIGHT = "chromium-headless-shell"
TOOLS = {"chromium", "pdfsig", "java"}
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 chromium poppler-utils default-jre-headless"


@pytest.fixture
def script():
    """The script, as a module."""
    spec = spec_from_file_location("setup_script", ROOT / "scripts" / "setup.py")
    script = module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


@pytest.fixture
def set_up(script, monkeypatch):
    """Set up a machine that has some things, as root or not; returns what apt-get was asked for."""

    def on(has, *arguments, venv=True, root=True, java="17.0.15", brings=PANGO | TOOLS, knows=LIGHT):
        has, asked = set(has), []

        def run(command, **_options):
            if command[0] == "apt-get":
                asked.append(" ".join(command[1:]))
                if LIGHT in command and not knows:
                    return SimpleNamespace(returncode=100)
                has.update(brings if command[1] == "install" else ())
            return SimpleNamespace(returncode=0, stderr=f'openjdk version "{java}" 2025-04-15')

        monkeypatch.setattr(shutil, "which", lambda name: name if name in has else None)
        monkeypatch.setattr(ctypes.util, "find_library", lambda name: name if name in has else None)
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: venv or len(asked) >= 2 or None)
        monkeypatch.setattr(script, "is_whole", lambda python: False)
        monkeypatch.setattr(subprocess, "run", run)
        monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
        monkeypatch.setattr(sys, "argv", ["setup.py", ".venv", "embedded", *arguments])
        monkeypatch.setattr(script, "make_environment", lambda folder, extras: venv or asked.append("environment"))
        script.main()
        return asked

    return on


def test_a_fresh_debian_gets_all_that_it_lacks_at_once(set_up):
    light = PACKAGES.replace("chromium", LIGHT)

    assert set_up({"apt-get"}, "browser") == ["update -qq", f"install -y -qq --no-install-recommends {light}"]


def test_where_chromium_comes_only_with_its_windows_that_is_taken(set_up):
    assert set_up({"apt-get"}, "browser", knows="")[2] == f"install -y -qq --no-install-recommends {PACKAGES}"


def test_a_browser_without_windows_is_enough(set_up):
    assert set_up(PANGO | (TOOLS - {"chromium"}) | {LIGHT, "apt-get"}, "browser") == []


def test_each_thing_is_looked_for_by_itself(set_up):
    assert set_up(PANGO | {"chromium", "java", "apt-get"}, "browser")[1].endswith("recommends poppler-utils")


def test_a_machine_that_has_everything_is_left_alone(set_up):
    assert set_up(PANGO | TOOLS | {"apt-get"}, "browser") == []


def test_running_needs_neither_a_browser_nor_java(set_up):
    assert set_up(PANGO | {"apt-get"}) == []


def test_a_debian_without_venv_gets_it_before_the_environment_is_made(set_up):
    _update, install, last = set_up(PANGO | {"apt-get"}, venv=False)

    assert (install.split()[-1], last) == ("python{}.{}-venv".format(*sys.version_info), "environment")


@pytest.mark.parametrize(
    ("left", "again"), [('exec {} "$@"', False), ("exit 1", True), (None, True)], ids=["whole", "no pip, or older", "dangling"]
)
def test_an_environment_that_was_left_half_made_is_made_again(left, again, script, monkeypatch, tmp_path):
    python, asked, run = tmp_path / "python", [], subprocess.run
    python.write_text(f"#!/bin/sh\n{left}\n".format(sys.executable))
    python.chmod(0o700)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(python if left else tmp_path / "gone")

    def noted(command, **how):
        asked.append(command[1:])
        return run(["true"] if "venv" in command else command, **how)

    monkeypatch.setattr(subprocess, "run", noted)
    monkeypatch.setattr(script, "install", lambda python, extras: True)

    script.make_environment(str(tmp_path), "embedded")

    assert (["-m", "venv", "--clear", str(tmp_path)] in asked) is again


def test_of_two_makes_at_once_the_second_waits_and_installs_nothing(script, monkeypatch, tmp_path):
    """It would empty the environment under the first one's feet."""
    for name in ("setup.cfg", "constraints.txt"):
        (tmp_path / name).touch()
    began, asked = threading.Event(), []
    monkeypatch.setattr(script, "ROOT", str(tmp_path))
    monkeypatch.setattr(script, "print", lambda *_args, **_how: began.set(), raising=False)
    monkeypatch.setattr(subprocess, "run", lambda command, **_how: asked.append(command) or SimpleNamespace(returncode=0))
    second = threading.Thread(target=script.make_environment, args=(str(tmp_path), "embedded"))

    with (tmp_path / ".setup.lock").open("w") as first:
        flock(first, LOCK_EX)
        second.start()
        assert began.wait(60)
        (tmp_path / "binome-embedded").write_text(script.stamp_of("embedded"))
    second.join(60)

    assert (second.is_alive(), asked) == (False, [])


@pytest.mark.parametrize(("has", "root"), [({"apt-get"}, False), (set(), True)], ids=["not root", "no apt-get"])
def test_where_nothing_can_be_installed_one_line_says_what_to_type(has, root, set_up):
    with pytest.raises(SystemExit) as refusal:
        set_up(has, "browser", root=root)

    message = str(refusal.value)
    assert "il manque Pango, qui dessine les documents ; Chromium, où se jouent les parcours ; Poppler" in message
    assert f"sudo apt-get install {PACKAGES}\n" in message
    assert "sudo dnf install pango harfbuzz chromium poppler-utils java-latest-openjdk-headless\n" in message
    assert message.endswith("brew install pango harfbuzz chromium poppler temurin")


def test_what_apt_get_could_not_bring_is_named(set_up):
    with pytest.raises(SystemExit, match=r"il manque Java 17, où veraPDF les juge\."):
        set_up({"apt-get"}, "browser", brings=PANGO | TOOLS - {"java"})


@pytest.mark.parametrize("java", ["1.8.0_392", "11.0.2"])
def test_an_old_java_is_none(java, set_up):
    with pytest.raises(SystemExit, match="Java 17"):
        set_up(PANGO | TOOLS, "browser", java=java)


@pytest.mark.parametrize("java", ["17", "21.0.5", "26-ea"])
def test_a_later_java_will_do(java, set_up):
    assert set_up(PANGO | TOOLS, "browser", java=java) == []

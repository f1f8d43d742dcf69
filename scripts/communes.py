"""Make app/territory/data/communes.csv.gz from the official list (npm @etalab/decoupage-administratif, MIT).

    npm install --prefix /tmp/communes @etalab/decoupage-administratif@6.0.0
    python scripts/communes.py /tmp/communes/node_modules/@etalab/decoupage-administratif/data

The result is the same for the same input, byte for byte.
"""

import csv
import gzip
import io
import json
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "app" / "territory" / "data"


def read(folder: Path, name: str) -> list[dict[str, object]]:
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def members(groups: list[dict[str, object]]) -> dict[str, str]:
    """Each commune's intercommunality."""
    return {str(member["code"]): str(group["code"]) for group in groups for member in group["membres"]}


def former(communes: list[dict[str, object]]) -> dict[str, str]:
    """The names of the communes that each one took in, and people still write: « Annecy-le-Vieux »."""
    found: dict[str, set[str]] = {}
    for commune in communes:
        if commune["type"] in ("commune-deleguee", "commune-associee"):
            found.setdefault(str(commune["chefLieu"]), set()).add(str(commune["nom"]))
    return {code: "|".join(sorted(names)) for code, names in found.items()}


def write(name: str, header: list[str], rows: list[list[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(sorted(rows))
    with open(TARGET / f"{name}.csv.gz", "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.getvalue().encode())
    print(f"{name}: {len(rows)} lignes")


def main(folder: Path) -> None:
    regions = {str(r["code"]): str(r["nom"]) for r in read(folder, "regions")}
    departements = read(folder, "departements")
    epci = members(read(folder, "epci"))
    write(
        "departements",
        ["code", "name", "region_code", "region_name"],
        [[str(d["code"]), str(d["nom"]), str(d["region"]), regions[str(d["region"])]] for d in departements],
    )
    known = {str(d["code"]) for d in departements}
    listed = read(folder, "communes")
    former_names = former(listed)
    communes = [c for c in listed if c["type"] == "commune-actuelle" and c.get("codesPostaux")]
    write(
        "communes",
        ["code", "name", "departement_code", "arrondissement", "epci", "population", "postal_codes", "former"],
        [
            [
                str(c["code"]),
                str(c["nom"]),
                str(c["departement"]),
                str(c.get("arrondissement") or ""),
                epci.get(str(c["code"]), ""),
                str(c.get("population") or 0),
                " ".join(c["codesPostaux"]),
                former_names.get(str(c["code"]), ""),
            ]
            for c in communes
            if c["departement"] in known
        ],
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))

#!/usr/bin/env python3
"""Writes the page that credits every photograph of a training run: title, author, licence, source.

    tools/train/credits.py --training DATA/training.txt --photos PHOTOS [PHOTOS...] --out docs/credits.md

training.txt is prepare.py's; titles, authors and sources are read from the INDEX.md of the folders.
"""

import argparse
import collections
import pathlib
import re

import errors
import prepare
from errors import BadInput

LINKS = {
    "CC BY 1.0": "https://creativecommons.org/licenses/by/1.0/",
    "CC BY 2.0": "https://creativecommons.org/licenses/by/2.0/",
    "CC BY 2.5": "https://creativecommons.org/licenses/by/2.5/",
    "CC BY 3.0": "https://creativecommons.org/licenses/by/3.0/",
    "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CDLA-Permissive-1.0": "https://cdla.dev/permissive-1-0/",
    "MIT": "https://opensource.org/license/mit",
    "public domain": "https://creativecommons.org/publicdomain/mark/1.0/",
    "US Government": "https://www.usa.gov/government-copyright",
}
TITLE_BY_AUTHOR = r"(?:credit: )?(?:modification of |modified from )?(?:work )?[“\"]([^”\"]+)[”\"],? by (.+)$"
PICTURE_OF = (r"^(A |The |This )?(colou?r )?(photo|photograph|image|picture|figure)s? "
              r"(is |of |shows? |depicts? |shown )+")
LONGEST = 90  # characters of a description that stands in for a title
TABLE_HEAD = "| File | Title | Author or credit line | Licence |\n|---|---|---|---|"
HEAD = """# Credits: the photographs that {network} was trained on

{count} photographs under open licences, most of them by way of the repositories named below. None of them is in this project, in the
program or in the network's file. They are credited here, as their licences ask, and with thanks. All were
changed for training: scaled down, compressed, cropped, rotated, recoloured, joined, dreamed on.

Where a source gives no title, the first column says in parentheses what the picture shows; credit lines stand as the sources give
them, some of them cut short. "Panel N" is one picture out of a composite figure. `tools/train/credits.py` made this page from the list of
the run's files and the index of the collection; [the network's card](network.md) says how they were used.

| Licence | Photographs |
|---|---|
{licences}
"""


def split_licence(text):
    """(licence, the rest of the cell) of a licence as INDEX.md gives it.

    Errors: BadInput where it begins with none of LINKS.
    """
    if text.startswith("repo README") and "CC0" in text:
        return "CC0", "Unsplash, " + text.split(";")[-1].strip()
    for licence in LINKS:
        if text.lower().startswith(licence.lower()):
            return licence, text[len(licence):].removeprefix(" work").strip(" ,")
    raise BadInput(f"licence {text!r}: expected one that begins with {', '.join(LINKS)}")


def unwrapped(text):
    """A text without the parentheses that it begins with; they may not be closed where a line is cut short."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return f"{text[1:at]} {text[at + 1:].strip()}".strip()
    return text[1:]


def parse(text):
    """(title or None, author or credit line, licence) of a licence as INDEX.md gives it: `LICENCE (CREDIT)`."""
    licence, credit = split_licence(text)
    if credit.startswith("(") and not re.match(r"\([a-z]\)", credit):
        credit = unwrapped(credit)
    # The licence again, at the end of the credit
    credit = re.sub(r"[,/;(\[] *[(\[]?(CC BY |CC0 |Public Domain|public domain)[^,/;]*$", "", credit)
    credit = re.sub(r"[ ,;/]*Attribution \d\.\d Generic.*$", "", credit).strip(" ,;/[(")
    found = re.match(TITLE_BY_AUTHOR, credit)
    if found and "credit b" not in credit and "(b)" not in credit:
        return found[1].strip(), found[2].strip(), licence
    return None, credit or "not named", licence


def read_entries(training, folders):
    """[(file, source, path in the source, title, author, licence)] of the run's photographs.

    Errors: BadInput where one of them is in no INDEX.md.
    """
    index = {}
    for folder in folders:
        errors.require_file(folder / "INDEX.md", "name the folders that prepare.py was given")
        for line in (folder / "INDEX.md").read_text(encoding="utf-8").splitlines():
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if len(cells) >= prepare.COLUMNS:
                index[cells[0]] = cells
    errors.require_file(training, "prepare.py writes it")
    entries = []
    for line in training.read_text(encoding="utf-8").splitlines():
        name = line.split("\t")[0]
        if name not in index:
            raise BadInput(f"{name}: in {training}, but in no INDEX.md of --photos")
        _, _, _, shows, origin, *_, licence = index[name]
        title, author, licence = parse(licence)
        entries.append((name, *split_origin(origin), title or described(shows), author, licence))
    return entries


def split_origin(origin):
    """(source, path in it) of `owner/repository path` or `Debian package version path`."""
    source, _, path = origin.partition(" ")
    if source == "Debian":
        package, _, path = path.partition(" ")
        version, _, path = path.partition(" ")
        source = f"Debian, package {package} {version}"
    return source, path


def described(shows):
    text = re.sub(PICTURE_OF, "", shows.strip(), flags=re.IGNORECASE)
    text = text.split(" (credit")[0].rstrip(".")
    if len(text) > LONGEST:
        text = text[:LONGEST].rsplit(" ", 1)[0] + " ..."
    return f"({text})"


def page(network, entries):
    """The whole page, as Markdown: a table for each source."""
    counts = collections.Counter(entry[-1] for entry in entries)
    licences = "\n".join(f"| [{one}]({LINKS[one]}) | {count} |" for one, count in counts.most_common())
    text = [HEAD.format(network=network, count=f"{len(entries):,}", licences=licences)]
    by_source = collections.defaultdict(list)
    for entry in entries:
        by_source[entry[1]].append(entry)
    for source, some in sorted(by_source.items(), key=lambda item: item[0].lower()):
        name, _, commit = source.partition("@")
        address = f"https://github.com/{name}" + (f"/tree/{commit}" if commit else "")
        heading = source if source.startswith("Debian") else f"[{source}]({address})"
        text.append(f"## {heading}: {len(some)}\n\n{TABLE_HEAD}")
        for file, _, path, title, author, licence in sorted(some, key=lambda entry: entry[2].lower()):
            panel = re.search(r"-p(\d)\.\w+$", file)
            short = path.rsplit("/", 1)[-1] + (f", panel {int(panel[1]) + 1}" if panel else "")
            text.append(f"| {escaped(short)} | {escaped(title)} | {escaped(author)} | {licence} |")
        text.append("")
    return "\n".join(text)


def escaped(text):
    """For a cell of a table: what Markdown would take for emphasis or a link stays as it is."""
    return re.sub(r"([*_\[\]<>])", r"\\\1", text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--training", type=pathlib.Path, required=True, help="training.txt that prepare.py wrote")
    parser.add_argument("--photos", type=pathlib.Path, nargs="+", required=True, help="the folders with INDEX.md")
    parser.add_argument("--network", default="reverie-4", help="network that was trained [%(default)s]")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the page to write")
    options = parser.parse_args()
    entries = read_entries(options.training, options.photos)
    options.out.write_text(page(options.network, entries), encoding="utf-8")
    print(f"{options.out}: {len(entries)} photographs")


if __name__ == "__main__":
    errors.run(main)

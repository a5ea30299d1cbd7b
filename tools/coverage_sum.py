"""Adds up what gcov says of a build: usage: tools/coverage_sum.py BUILD-DIR

A line counts once however many programs contain it; so does a branch, which is named by its line and
its number there. Generated code, tests and fixtures are left out.
"""

import collections
import json
import os
import pathlib
import subprocess
import sys

OURS = ("reverie/", "apps/")
LEFT_OUT = ("_test.cpp", "_fixture.h", "_golden.h", "test_")


def is_ours(name):
    return name.startswith(OURS) and not any(part in pathlib.Path(name).name for part in LEFT_OUT)


def read(notes, root, lines, branches):
    """Adds what the run of one object file reached: {(file, line): times} and its like for branches."""
    text = subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--stdout", notes],
                          capture_output=True, cwd=root, check=True).stdout
    for document in text.splitlines():
        try:
            files = json.loads(document)["files"]
        except ValueError:
            continue
        for file in files:
            name = os.path.relpath(os.path.join(root, file["file"]), root)
            if not is_ours(name):
                continue
            for line in file["lines"]:
                lines[name, line["line_number"]] += line["count"]
                for number, branch in enumerate(line["branches"]):
                    if not branch["throw"]:
                        branches[name, line["line_number"], number] += branch["count"]


def rows(counts, key):
    """{key: (reached, all)}"""
    sums = collections.defaultdict(lambda: [0, 0])
    for place, count in counts.items():
        sums[key(place[0])][0] += count > 0
        sums[key(place[0])][1] += 1
    return sums


def percent(pair):
    return f"{100 * pair[0] / max(pair[1], 1):5.1f} % of {pair[1]:6d}"


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    root = pathlib.Path(__file__).resolve().parent.parent
    lines, branches = collections.Counter(), collections.Counter()
    for notes in sorted(build.rglob("*.gcno")):
        # An object that was never run counts, with nothing reached
        read(notes, root, lines, branches)

    by_file = (rows(lines, str), rows(branches, str))
    order = sorted(by_file[0], key=lambda name: by_file[0][name][0] / by_file[0][name][1])
    (build / "lines").write_text("".join(
        f"lines {percent(by_file[0][name])}  branches {percent(by_file[1][name])}  {name}\n"
        for name in order))

    def folder(name):
        return "/".join(name.split("/")[:2])

    by_folder = (rows(lines, folder), rows(branches, folder))
    for name in sorted(by_folder[0]):
        print(f"lines {percent(by_folder[0][name])}  branches {percent(by_folder[1][name])}  {name}")
    total = [rows(counts, lambda name: "all")["all"] for counts in (lines, branches)]
    print(f"lines {percent(total[0])}  branches {percent(total[1])}  all")


if __name__ == "__main__":
    main()

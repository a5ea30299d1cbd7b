"""What libreverie shows to those that link it: every function that an installed header declares, and
nothing that is not Reverie's own.

usage: exports_test.py SOURCE-DIR LIBRARY...     LIBRARY: libreverie.so, and the plugin's if there is one
"""

import pathlib
import re
import subprocess
import sys

OURS = re.compile(r"(vtable for |typeinfo for |VTT for )?reverie::|reverie_[a-z_]+$")

# A function at the beginning of a line: its type, its name and its parenthesis, no keyword before them
FUNCTION = re.compile(r"^(?!\s|namespace|using|static_assert|template|inline|constexpr|struct|class|enum|#)"
                      r"[\w:<>,*& ]+?[\s*&](\w+)\(.*[,;(]$")


def exported(library):
    lines = subprocess.run(["nm", "-D", "-C", "--defined-only", library], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    return [line.split(maxsplit=2)[2].replace("[abi:cxx11]", "") for line in lines]


def declared(root):
    """(header, function) for each function that an installed header declares and does not define."""
    headers = (root / "cmake/public_headers.txt").read_text().splitlines()
    for header in headers:
        if header.startswith("reverie/"):
            before = ""
            for line in (root / header).read_text().splitlines():
                match = FUNCTION.match(line)
                if match and not before.startswith("template"):
                    yield header, match.group(1)
                before = line


def main():
    root, libraries = pathlib.Path(sys.argv[1]), sys.argv[2:]
    symbols = {library: exported(library) for library in libraries}
    wrong = [f"{library} exports {name}" for library in libraries for name in symbols[library]
             if not OURS.match(name)]
    names = {re.sub(r"\(.*", "", name).split("::")[-1] for name in symbols[libraries[0]]}
    functions = list(declared(root))
    wrong += [f"{header}: {function} is not exported" for header, function in functions
              if function not in names]
    for line in wrong:
        print("exports_test:", line)
    for library in libraries:
        print(f"exports_test: {len(symbols[library])} symbols in {library}")
    print(f"exports_test: {len(functions)} functions are declared in installed headers")
    return 1 if wrong or len(functions) < 50 else 0


if __name__ == "__main__":
    sys.exit(main())

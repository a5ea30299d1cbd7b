#!/usr/bin/env python3
"""README's library example is examples/dream/dream.cpp, word for word, which install_test runs."""

import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])
example = (source / "examples/dream/dream.cpp").read_text()
readme = (source / "README.md").read_text()
blocks = re.findall(r"^```(?:cpp|c\+\+)\n(.*?)^```", readme, re.S | re.M)
if example not in blocks:
    sys.exit("README.md has no ```cpp block that is examples/dream/dream.cpp")
if readme.count("\n") > 120:
    sys.exit("README.md is a landing page of at most 120 lines")
missing = [link for link in re.findall(r"\]\(([^)#:]+)\)", readme) if not (source / link).exists()]
if missing:
    sys.exit(f"README.md links to what is not there: {', '.join(missing)}")

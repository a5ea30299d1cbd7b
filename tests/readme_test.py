#!/usr/bin/env python3
"""README's library example is examples/gradient/gradient.cpp, word for word, which install_test runs."""

import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])
example = (source / "examples/gradient/gradient.cpp").read_text()
blocks = re.findall(r"^```(?:cpp|c\+\+)\n(.*?)^```", (source / "README.md").read_text(), re.S | re.M)
if example not in blocks:
    sys.exit("README.md has no ```cpp block that is examples/gradient/gradient.cpp")

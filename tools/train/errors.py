"""Bad input ends these programs with one line, not with a traceback."""

import pathlib
import sys

import numpy as np
import torch


class BadInput(Exception):
    """Its text says what is wrong, where, what was expected and what to do."""


def run(main):
    """Runs a program's main(): a BadInput becomes one line and exit status 1."""
    try:
        main()
    except BadInput as error:
        sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {error}")


def require_folder(path, hint):
    """Errors: BadInput where `path` is no folder; `hint` says what to do."""
    if not path.is_dir():
        raise BadInput(f"{path}: no such folder; {hint}")


def require_file(path, hint):
    """Errors: BadInput where `path` is no file; `hint` says what to do."""
    if not path.is_file():
        raise BadInput(f"{path}: no such file; {hint}")


def load_npz(path, names, hint):
    """The named arrays of an .npz file, as a list.

    Errors: BadInput where there is no such file, or it lacks one of them.
    """
    require_file(path, hint)
    try:
        with np.load(path) as stored:
            return [stored[name] for name in names]
    except Exception:
        raise BadInput(f"{path}: not an .npz file with the arrays {', '.join(names)}; {hint}") from None


def load_state(path, hint):
    """What torch.save() put into a file, on the CPU: tensors and plain values only.

    Errors: BadInput where there is no such file, or it holds anything else.
    """
    require_file(path, hint)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:
        raise BadInput(f"{path}: not a file that torch.save() wrote; {hint}") from None
    if not isinstance(state, dict):
        raise BadInput(f"{path}: holds no dictionary; {hint}")
    return state

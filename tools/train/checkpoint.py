"""The state of a run (state.pt): what it resumes from, and what export.py and judge.py open.

Tensors, whole numbers and strings only, which PyTorch 1.13 opens without running code from the file: {"step",
"elapsed_ms", "frozen_at", "rate_halvings", "student": Student.state(), "average": [total], "optimizer": AdamW.state()}.
The state of reverie-4 is older: the student's part alone.
"""

import os

import torch
from errors import BadInput, load_state
from student import Student

HINT = "train.py writes it as OUT/state.pt"


def save(path, state):
    """Replaces the file as a whole."""
    temporary = path.with_name(path.name + ".new")
    torch.save(state, temporary)
    os.replace(temporary, path)


def load(path):
    """Errors: BadInput where there is no such file, or train.py did not write it."""
    state = load_state(path, HINT)
    if "widths" in state:
        state = {"student": state}
    if not isinstance(state.get("student"), dict) or "widths" not in state["student"]:
        raise BadInput(f"{path}: not a state of a training run; {HINT}")
    return state


def open_student(path, device="cpu", last=False):
    """(student, its flat vector to use: the average of the weights, or with `last` the last ones).

    Errors: BadInput as load(), and where the state does not fit itself.
    """
    state = load(path)
    student = Student(torch.device(device), widths=state["student"]["widths"])
    try:
        student.load_state(state["student"])
    except BadInput as error:
        raise BadInput(f"{path}: {error}; {HINT}") from None
    if last or not student.frozen or "average" not in state:
        return student, student.flat
    return student, state["average"].to(student.flat)

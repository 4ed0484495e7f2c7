"""Compares the lines that the page writes with the real packages.

    python3 -m venv venv && . venv/bin/activate
    pip install keras==3.15.1 jax==0.10.2 optax==0.2.8 torch==2.15.0
    python make.py            # a minute

cases.txt holds the lines, and this crate's rates; equivalents.spec.ts writes both. A rate may
differ by 1e-6 of the peak. Keras and Optax are also compiled by JAX, except where the sentence of
the line says that this makes a difference. PyTorch's rates have to differ from the step
`different` on, as its sentence says.
"""

import json
import os
import pathlib
import sys
import warnings

os.environ["KERAS_BACKEND"] = "jax"

import jax  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402
import torch  # noqa: E402

warnings.simplefilter("ignore")
TOLERANCE = 1e-6


def pytorch(lines, steps, epoch):
    names = {"torch": torch, "parameters": [torch.nn.Parameter(torch.zeros(1))]}
    exec(lines, names)
    optimizer, scheduler = names["optimizer"], names.get("scheduler")
    rates = []
    for step in range(max(steps) + 1):
        if step > 0 and step % epoch == 0 and scheduler:
            try:
                scheduler.step()
            except ValueError:  # the schedule is over
                break
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
    return [rates[step] if step < len(rates) else np.nan for step in steps]


def called(line, steps, compiled):
    schedule = eval(line, {"keras": keras, "optax": optax, "jax": jax})
    if isinstance(schedule, keras.optimizers.Optimizer):
        return [float(schedule.learning_rate)] * len(steps)
    if compiled:
        schedule = jax.jit(schedule)
    return [float(schedule(np.int32(step))) for step in steps]


compared, failed = 0, 0


def compare(library, line, rates, ours, steps, different):
    """The first step with another rate is `different`, or the first one after it."""
    global compared, failed
    wrong = [
        (step, theirs, our)
        for step, theirs, our in zip(steps, rates, ours)
        if not abs(theirs - our) <= TOLERANCE * max(ours)
    ]
    compared += len(steps)
    if [step for step, _, _ in wrong[:1]] != [step for step in steps if step >= different][:1]:
        failed += 1
        print(f"{library}: {line}: {wrong[:3] or 'no difference'}")


for text in pathlib.Path(__file__).with_name("cases.txt").read_text().splitlines():
    case = json.loads(text)
    schedule, steps, ours = case["schedule"], case["steps"], case["rates"]
    if "pytorch" in case:
        line, sentence = case["pytorch"]
        different = case.get("different", np.inf)
        assert ("PyTorch" in sentence) == (different < np.inf), sentence
        rates = pytorch(line, steps, schedule["config"].get("batches", 1))
        compare("pytorch", line, rates, ours, steps, different)
    for library in case.keys() & {"keras", "optax"}:
        line, sentence = case[library]
        for compiled in [False, True]:
            if not (compiled and "ompiled" in sentence):
                compare(library, line, called(line, steps, compiled), ours, steps, np.inf)
print(f"{compared} rates compared, {failed} lines differ")
sys.exit(failed > 0)

"""Compares the lines that the page writes with the real packages.

    python3 -m venv venv
    venv/bin/pip install keras==3.15.1 torch==2.15.0 optax==0.2.8
    KERAS_BACKEND=torch venv/bin/python make.py

cases.txt holds the lines, and the bits of this crate's rates; the test `equivalents` writes both.
A rate may differ by 1e-6 of the peak. A line with a sentence that says how it differs is compared
up to the step `until`.
"""

import json
import pathlib
import struct
import warnings

import jax
import keras
import optax
import torch

warnings.filterwarnings("ignore")  # of PyTorch: no optimizer step, and the epoch parameter
TOLERANCE = 1e-6


def pytorch(lines, steps):
    names = {"torch": torch, "parameters": [torch.nn.Parameter(torch.zeros(1))]}
    exec(lines, names)
    optimizer, scheduler = names["optimizer"], names.get("scheduler")
    rates = []
    for _ in range(max(steps) + 1):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        if scheduler:
            scheduler.step()
    return [rates[step] for step in steps]


def called(line, steps):
    schedule = eval(line, {"keras": keras, "optax": optax, "jax": jax})
    return [float(schedule(step)) for step in steps]


def rates(library, line, steps):
    return pytorch(line, steps) if library == "PyTorch" else called(line, steps)


compared, failed = {"Keras": 0, "PyTorch": 0, "Optax": 0}, 0
for line in pathlib.Path(__file__).with_name("cases.txt").read_text().splitlines():
    case = json.loads(line)
    ours = [struct.unpack(">f", bytes.fromhex(bits))[0] for bits in case["bits"]]
    for library, (code, difference) in case["lines"].items():
        until = case.get("until", 2**32) if difference else 2**32
        kept = [(step, rate) for step, rate in zip(case["steps"], ours) if step <= until]
        steps = [step for step, _ in kept]
        try:
            theirs = rates(library, code, steps)
        except Exception as error:  # of the package: the line cannot be used
            print(f"{library}: {code}: {error}")
            failed += 1
            continue
        for (step, rate), their in zip(kept, theirs):
            compared[library] += 1
            if not abs(their - rate) <= TOLERANCE * max(ours):
                print(f"{library}: {code}: step {step}: {their} there, {rate} here")
                failed += 1
print(compared, f"{failed} differences")
raise SystemExit(failed > 0)

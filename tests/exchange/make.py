"""Exchanges schedules with real Keras.

    pip install keras==3.15.1 torch==2.15
    python make.py            writes keras/*.json and keras/rates.txt
    python make.py --check    writes nothing; fails if the committed files differ, or if Keras reads
                              a file of microlr/ and gives other rates than microlr/rates.txt

A line of a file of rates is the name of a file, a step and the rate. The files in microlr/ are
written by `MICROLR_BLESS=1 cargo test --test exchange`.
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

import json
import sys
from importlib.metadata import version
from pathlib import Path

import keras
from keras.optimizers import schedules

PACKAGES = {"keras": "3.15.1"}
FOLDER = Path(__file__).resolve().parent
STEPS = [0, 1, 9, 10, 11, 49, 50, 100, 101, 125, 126, 250, 499, 500, 501, 1000]
# Keras computes in 32 bits and cancels where a cosine or a line ends.
TOLERANCE = 2e-5

MADE = {
    "exponential": schedules.ExponentialDecay(0.1, 1000, 0.96),
    "exponential_staircase": schedules.ExponentialDecay(0.1, 5, 0.95, staircase=True),
    "piecewise": schedules.PiecewiseConstantDecay([125, 250, 375], [0.1, 0.075, 0.05, 0.025]),
    "piecewise_integers": schedules.PiecewiseConstantDecay([10.0, 50.0], [2.0, 1.0, 0.5]),
    "polynomial": schedules.PolynomialDecay(0.1, 100),
    "polynomial_cycle": schedules.PolynomialDecay(0.1, 100, 0.001, 2.0, cycle=True),
    "inverse_time": schedules.InverseTimeDecay(0.1, 50, 0.5),
    "inverse_time_staircase": schedules.InverseTimeDecay(0.1, 50, 0.1, staircase=True),
    "cosine": schedules.CosineDecay(0.1, 500),
    "cosine_warmup": schedules.CosineDecay(0.0, 400, 0.1, warmup_target=0.1, warmup_steps=50),
    "restarts": schedules.CosineDecayRestarts(0.1, 10),
    "restarts_options": schedules.CosineDecayRestarts(0.1, 10, t_mul=1.5, m_mul=0.9, alpha=0.1),
    "named": schedules.CosineDecay(0.1, 500, name="my schedule"),
}


def rates(schedule):
    """The rates of `STEPS`, as the shortest decimals that read back as the same 32-bit float."""
    return [str(keras.ops.convert_to_numpy(schedule(step)).astype("float32")) for step in STEPS]


def table(made):
    """The file of rates."""
    lines = [
        f"{name} {step} {rate}"
        for name, schedule in made.items()
        for step, rate in zip(STEPS, rates(schedule), strict=True)
    ]
    return "\n".join(lines) + "\n"


def files():
    """What belongs in keras/."""
    written = {
        f"{name}.json": json.dumps(schedules.serialize(schedule), indent=2) + "\n"
        for name, schedule in MADE.items()
    }
    inside = {
        "sgd": keras.optimizers.SGD(MADE["polynomial_cycle"], momentum=0.9),
        "adam": keras.optimizers.Adam(MADE["cosine_warmup"]),
        "sgd_constant": keras.optimizers.SGD(0.05),
    }
    for name, optimizer in inside.items():
        config = keras.optimizers.serialize(optimizer)
        written[f"optimizers/{name}.json"] = json.dumps(config, indent=2) + "\n"
    written["rates.txt"] = table(MADE)
    return written


def check_ours():
    """The files of this crate that Keras reads otherwise than they are meant."""
    bad = []
    expected = {}
    for line in (FOLDER / "microlr/rates.txt").read_text().splitlines():
        name, step, rate = line.rsplit(" ", 2)
        expected.setdefault(name, []).append((int(step), float(rate)))
    for name, rows in expected.items():
        text = (FOLDER / f"microlr/{name}.json").read_text()
        schedule = schedules.deserialize(json.loads(text))
        peak = max(rate for _, rate in rows)
        for step, rate in rows:
            theirs = float(schedule(step))
            if abs(theirs - rate) > TOLERANCE * peak:
                bad.append(f"microlr/{name}.json: {theirs} at step {step}, and here {rate}")
    print(f"Keras reads {len(expected)} files of microlr")
    return bad


def main():
    for package, pinned in PACKAGES.items():
        if version(package) != pinned:
            sys.exit(f"{package} {version(package)} is installed, not {pinned}")
    bad = check_ours() if "--check" in sys.argv else []
    for name, text in files().items():
        path = FOLDER / "keras" / name
        if "--check" not in sys.argv:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        elif path.read_text() != text:
            bad.append(f"{path.relative_to(FOLDER)} is not what Keras writes")
    sys.exit("\n".join(bad) or None)


main()

"""Makes the reference tables of this folder: what Keras says, and what the formulas say.

`python make.py` writes the tables; `python make.py --check` writes nothing, and fails if the
committed files differ from what would be written. README.md describes the format.
"""

import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"  # one device, so that the values do not depend on a GPU
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
from mpmath import mp, mpf

FOLDER = Path(__file__).resolve().parent
PACKAGES = ("keras", "jax", "jaxlib", "mpmath", "numpy")
DIGITS = 20
INT32_MAX = 2**31 - 1
STEP_LIMIT = 2**32
RESTARTS_SHOWN = 12
EPOCHS = 500
FAR_STEPS = (
    1_000, 4_095, 4_096, 10_000, 65_535, 100_000, 1_000_000,
    2**24 - 1, 2**24, 2**24 + 1, 2**31 - 1, 2**31, 2**32 - 1,
)  # fmt: skip
NOTEBOOK_STEPS = frozenset(range(501))
OTHER_STEPS = frozenset(range(61)) | frozenset(range(0, 501, 7))
WEIGHTS = (0.1, -0.2, 0.3)
BIAS = 0.05

mp.dps = 80


# The published formulas. Float parameters come in as Fractions (see `stored`), integers as ints.


def big(value):
    """An int or a Fraction as an 80-digit float."""
    value = Fraction(value)
    return mpf(value.numerator) / value.denominator


def periods(step, decay_steps, staircase):
    """The number of decay periods gone by, rounded down to an integer if `staircase`."""
    return step // decay_steps if staircase else Fraction(step, decay_steps)


def half_cosine(fraction):
    """`(1 + cos(pi * fraction)) / 2`, which is exactly 0 at 1."""
    return (1 + mp.cospi(big(fraction))) / 2


def exponential(step, initial_learning_rate, decay_steps, decay_rate, staircase):
    """`lr0 * r^p`."""
    p = periods(step, decay_steps, staircase)
    return big(initial_learning_rate) * big(decay_rate) ** big(p)


def piecewise(step, boundaries, values):
    """The value of the interval that `step` is in; a boundary ends its interval."""
    return big(values[sum(step > boundary for boundary in boundaries)])


def polynomial(step, initial_learning_rate, decay_steps, end_learning_rate, power, cycle):
    """`(lr0 - end) * (1 - s/D)^power + end`."""
    if cycle:
        decay_steps *= max(1, -(-step // decay_steps))
    else:
        step = min(step, decay_steps)
    remaining = Fraction(decay_steps - step, decay_steps)
    span = initial_learning_rate - end_learning_rate
    return big(span) * big(remaining) ** big(power) + big(end_learning_rate)


def inverse_time(step, initial_learning_rate, decay_steps, decay_rate, staircase):
    """`lr0 / (1 + r*p)`."""
    return big(initial_learning_rate / (1 + decay_rate * periods(step, decay_steps, staircase)))


def cosine(step, initial_learning_rate, decay_steps, alpha, warmup_target=None, warmup_steps=0):
    """`lr0 * ((1 - alpha)*(1 + cos(pi*s/d))/2 + alpha)`, after a linear warm-up if asked for."""
    if step < warmup_steps:
        done = Fraction(step, warmup_steps)
        return big(initial_learning_rate + (warmup_target - initial_learning_rate) * done)
    base = initial_learning_rate if warmup_target is None else warmup_target
    done = Fraction(min(step - warmup_steps, decay_steps), decay_steps)
    return big(base) * (big(1 - alpha) * half_cosine(done) + big(alpha))


def cycle_at(step, first_decay_steps, t_mul):
    """The number of restarts up to `step`, and the fraction done of the cycle it is in."""
    if t_mul == 1:
        restarts, rest = divmod(step, first_decay_steps)
        return restarts, Fraction(rest, first_decay_steps)
    rest, length, restarts = Fraction(step), Fraction(first_decay_steps), 0
    while rest >= length:
        rest -= length
        length *= t_mul
        restarts += 1
    return restarts, rest / length


def cosine_restarts(step, initial_learning_rate, first_decay_steps, t_mul, m_mul, alpha):
    """`lr0 * ((1 - alpha)*f*(1 + cos(pi*s/d))/2 + alpha)`, `s`, `d` and `f` the cycle's."""
    restarts, done = cycle_at(step, first_decay_steps, t_mul)
    factor = big(m_mul) ** restarts
    return big(initial_learning_rate) * (big(1 - alpha) * factor * half_cosine(done) + big(alpha))


# The steps at which something happens.


def multiples(parameters):
    """The first three multiples of `decay_steps`."""
    return [n * parameters["decay_steps"] for n in (1, 2, 3)]


def piecewise_edges(parameters):
    """The boundaries."""
    return parameters["boundaries"]


def cosine_edges(parameters):
    """The end of the warm-up, the multiples of `decay_steps`, and those after the warm-up."""
    warmup = parameters.get("warmup_steps", 0)
    edges = multiples(parameters)
    return [warmup, *edges, *(warmup + edge for edge in edges)]


def restart_edges(parameters):
    """The first restarts, rounded down."""
    length, t_mul = Fraction(parameters["first_decay_steps"]), Fraction(parameters["t_mul"])
    edge, edges = Fraction(0), []
    for _ in range(RESTARTS_SHOWN):
        edge += length
        length *= t_mul
        edges.append(math.floor(edge))
    return edges


# The parameter sets: the quick start's first, then the ones chosen to find edges.


def decay(initial, steps, rate, staircase):
    """The parameters of ExponentialDecay and of InverseTimeDecay."""
    return {
        "initial_learning_rate": initial,
        "decay_steps": steps,
        "decay_rate": rate,
        "staircase": staircase,
    }


def pieces(boundaries, values):
    """The parameters of PiecewiseConstantDecay."""
    return {"boundaries": boundaries, "values": values}


def poly(initial, steps, end, power, cycle):
    """The parameters of PolynomialDecay."""
    return {
        "initial_learning_rate": initial,
        "decay_steps": steps,
        "end_learning_rate": end,
        "power": power,
        "cycle": cycle,
    }


def cos(initial, steps, alpha, **warmup):
    """The parameters of CosineDecay."""
    return {
        "initial_learning_rate": initial,
        "decay_steps": steps,
        "alpha": alpha,
        **warmup,
    }


def restarts(initial, steps, t_mul, m_mul, alpha):
    """The parameters of CosineDecayRestarts."""
    return {
        "initial_learning_rate": initial,
        "first_decay_steps": steps,
        "t_mul": t_mul,
        "m_mul": m_mul,
        "alpha": alpha,
    }


@dataclass(frozen=True)
class Schedule:
    """One schedule: Keras' class, the formula, where its edges are, and the parameter sets."""

    keras_class: type
    formula: Callable
    edges: Callable
    sets: tuple


KERAS = keras.optimizers.schedules

SCHEDULES = {
    "exponential": Schedule(
        KERAS.ExponentialDecay,
        exponential,
        multiples,
        (
            decay(0.1, 5, 0.95, True),
            decay(0.1, 41, 0.5, True),
            decay(0.1, 41, 0.5, False),
            decay(1.0, 1, 0.5, True),
            decay(0.1, 1, 0.999999, False),
            decay(0.3, 7, 1.0, False),
            decay(0.001, 100, 1.01, False),
            decay(0.1, 10, 1.01, True),
            decay(0.05, 100_000, 0.96, False),
            decay(0.1, 1_000_000, 0.5, True),
            decay(0.1, 16_777_217, 0.5, True),
            decay(0.01, 16_777_217, 0.9, False),
        ),
    ),
    "piecewise": Schedule(
        KERAS.PiecewiseConstantDecay,
        piecewise,
        piecewise_edges,
        (
            pieces([125, 250, 375], [0.1, 0.075, 0.05, 0.025]),
            pieces([0], [1.0, 0.1]),
            pieces([41], [0.1, 0.01]),
            pieces([16_777_216], [0.1, 0.01]),
            pieces([1, 2, 3, 5, 8, 13, 21], [0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]),
            pieces([10, 20], [0.01, 0.1, 0.05]),
            pieces([100, 100_000, 2_147_483_647], [0.3, 0.03, 0.003, 0.0]),
        ),
    ),
    "polynomial": Schedule(
        KERAS.PolynomialDecay,
        polynomial,
        multiples,
        (
            poly(0.1, 100, 0.001, 1.0, True),
            poly(0.1, 100, 0.001, 1.0, False),
            poly(0.1, 41, 0.0, 0.5, False),
            poly(0.1, 41, 0.01, 0.5, True),
            poly(0.1, 100, 0.001, 2.0, True),
            poly(0.5, 300, 0.0, 2.0, False),
            poly(0.1, 128, 0.001, 0.1, False),
            poly(0.1, 60, 0.001, 3.7, False),
            poly(0.1, 37, 0.001, 3.7, True),
            poly(0.001, 200, 0.1, 1.0, False),
            poly(0.001, 50, 0.1, 2.0, True),
            poly(0.1, 1, 0.01, 1.0, True),
            poly(0.1, 1, 0.01, 1.0, False),
            poly(0.1, 100_000, 0.0001, 1.0, False),
            poly(0.1, 1_000_000, 0.001, 0.5, True),
            poly(0.1, 16_777_217, 0.001, 1.0, False),
        ),
    ),
    "inverse_time": Schedule(
        KERAS.InverseTimeDecay,
        inverse_time,
        multiples,
        (
            decay(0.1, 50, 0.1, True),
            decay(0.1, 41, 0.5, True),
            decay(0.1, 41, 0.5, False),
            decay(1.0, 1, 1.0, False),
            decay(0.1, 1, 0.999999, True),
            decay(0.01, 10, 1.01, False),
            decay(0.05, 100_000, 0.96, False),
            decay(0.1, 1_000_000, 0.5, True),
            decay(0.1, 16_777_217, 1.0, True),
        ),
    ),
    "cosine": Schedule(
        KERAS.CosineDecay,
        cosine,
        cosine_edges,
        (
            cos(0.1, 500, 0.0),
            cos(0.1, 41, 0.1),
            cos(0.1, 100, 0.3),
            cos(0.2, 64, 1.0),
            cos(0.1, 1, 0.0),
            cos(0.1, 100_000, 0.0),
            cos(0.1, 1_000_000, 0.1),
            cos(0.1, 16_777_217, 0.0),
            cos(0.0, 200, 0.0, warmup_target=0.1, warmup_steps=50),
            cos(0.5, 100, 0.1, warmup_target=0.1, warmup_steps=41),
            cos(0.01, 300, 0.0, warmup_target=0.1, warmup_steps=1),
            cos(0.001, 1_000, 0.3, warmup_target=0.3, warmup_steps=100),
        ),
    ),
    "cosine_restarts": Schedule(
        KERAS.CosineDecayRestarts,
        cosine_restarts,
        restart_edges,
        (
            restarts(0.1, 10, 2.0, 0.9, 0.0),
            restarts(0.1, 10, 1.0, 0.9, 0.0),
            restarts(0.1, 41, 1.0, 1.0, 0.1),
            restarts(0.1, 41, 2.0, 1.0, 0.0),
            restarts(0.1, 10, 1.5, 0.9, 0.0),
            restarts(0.1, 10, 1.1, 0.9, 0.1),
            restarts(0.1, 8, 2.5, 0.5, 0.0),
            restarts(0.1, 7, 3.0, 1.1, 0.3),
            restarts(0.1, 1, 2.0, 0.9, 0.0),
            restarts(0.1, 1, 1.0, 0.5, 0.3),
            restarts(0.2, 50, 2.0, 0.5, 1.0),
            restarts(0.1, 100_000, 2.0, 0.9, 0.0),
            restarts(0.1, 1_000_000, 1.0, 1.0, 0.0),
            restarts(0.1, 16_777_217, 1.5, 0.9, 0.0),
            restarts(0.1, 41, 4.0, 0.9, 0.1),
            restarts(0.1, 10, 10.0, 0.9, 0.0),
        ),
    ),
}


# Numbers as text, and parameters as they are stored.


def text32(value):
    """The shortest decimal that reads back as the same 32-bit float."""
    return str(np.float32(value))


def exact_text(value):
    """A high-precision value in 20 significant digits."""
    return mp.nstr(value, DIGITS)


def parameter_text(value):
    """A parameter as written in a `set` line."""
    if isinstance(value, list):
        return ";".join(map(parameter_text, value))
    return str(value).lower() if isinstance(value, bool) else repr(value)


def stored(value, float_type):
    """A parameter with its floats as `float_type` stores them, made exact."""
    if isinstance(value, list):
        return [stored(item, float_type) for item in value]
    return Fraction(float(float_type(value))) if isinstance(value, float) else value


def keras_step(step):
    """A step as Keras' optimizers count it, or unsigned where that would overflow."""
    return np.int32(step) if step <= INT32_MAX else np.uint32(step)


def header(title, columns):
    """The comment lines that a table starts with."""
    made_with = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return [f"# {title}", f"# made by make.py with {made_with}", f"# {columns}"]


# The six tables of schedules.


def steps_of(schedule, index):
    """The steps of the parameter set `index` in ascending order."""
    if index == 0:
        return sorted(NOTEBOOK_STEPS.union(FAR_STEPS))
    edges = schedule.edges(schedule.sets[index])
    near = {edge + offset for edge in edges for offset in (-1, 0, 1)}
    return sorted(
        OTHER_STEPS.union(FAR_STEPS, (step for step in near if 0 <= step < STEP_LIMIT))
    )


def set_lines(schedule, index):
    """One parameter set: its `set` line and its rows."""
    parameters = schedule.sets[index]
    keras_schedule = schedule.keras_class(**parameters)
    exact = [
        {key: stored(value, float_type) for key, value in parameters.items()}
        for float_type in (np.float32, np.float64)
    ]
    yield " ".join(["set", *(f"{k}={parameter_text(v)}" for k, v in parameters.items())])
    for step in steps_of(schedule, index):
        observed = text32(keras_schedule(keras_step(step)))
        expected = [exact_text(schedule.formula(step, **stored_set)) for stored_set in exact]
        yield ",".join([str(step), observed, *expected])


def schedule_lines(schedule):
    """The table of one schedule."""
    yield from header(
        f"{schedule.keras_class.__name__}: Keras (jax backend, eager, CPU) and the formula",
        "step,keras,exact32,exact64",
    )
    for index in range(len(schedule.sets)):
        yield from set_lines(schedule, index)


# The table of training runs.


class RateRecorder(keras.callbacks.Callback):
    """Notes the rate that each epoch's one batch is about to be trained at."""

    def __init__(self):
        super().__init__()
        self.rates = []

    def on_epoch_begin(self, epoch, logs=None):
        """Reads the optimizer's rate at its present iteration."""
        self.rates.append(self.model.optimizer.learning_rate)


def neuron(schedule):
    """A logistic neuron with three inputs and the fixed start weights."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
    model.set_weights([np.array(WEIGHTS)[:, None], np.array([BIAS])])
    optimizer = keras.optimizers.SGD(schedule)
    # Compiled, a division by a constant may turn into a multiplication by its reciprocal, which
    # moves staircase edges by a step: 41 is a decay_steps with which that happens.
    model.compile(optimizer=optimizer, loss="binary_crossentropy", run_eagerly=True)
    return model


def training_rows(schedule):
    """One training run of OR with three inputs: a row per epoch, then the final parameters."""
    xs = np.array([[row >> 2 & 1, row >> 1 & 1, row & 1] for row in range(8)], np.float32)
    ys = xs.max(axis=1, keepdims=True)
    model, recorder = neuron(schedule), RateRecorder()
    history = model.fit(
        xs,
        ys,
        batch_size=len(xs),
        epochs=EPOCHS,
        shuffle=False,
        verbose=0,
        callbacks=[recorder],
    )
    for step, (rate, loss) in enumerate(zip(recorder.rates, history.history["loss"], strict=True)):
        yield f"{step},{text32(rate)},{text32(loss)}"
    final = np.concatenate([array.ravel() for array in model.get_weights()])
    yield "final " + ",".join(map(text32, final))


def training_lines():
    """The table of the six training runs, each with its schedule's quick-start parameters."""
    yield from header(
        "Keras (jax backend, CPU): a neuron learns OR of three inputs with SGD, full batch",
        "step,lr,loss",
    )
    yield "# run_eagerly=True: a compiled step may move staircase edges by a step"
    for name, schedule in SCHEDULES.items():
        yield f"set schedule={name} weights={parameter_text(list(WEIGHTS))} bias={BIAS}"
        yield from training_rows(schedule.keras_class(**schedule.sets[0]))


# The files.


def tables():
    """The name and the bytes of each file, made one at a time."""
    for name, schedule in SCHEDULES.items():
        yield f"{name}.csv", as_bytes(schedule_lines(schedule))
    yield "training.csv", as_bytes(training_lines())


def as_bytes(lines):
    """Lines as a file's content."""
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def differs(path, content):
    """Whether the file is missing or holds something else."""
    return not path.exists() or path.read_bytes() != content


def main():
    """Writes the tables, or compares them; the exit status says whether they differed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    check = parser.parse_args().check
    failed = False
    for name, content in tables():
        if not check:
            (FOLDER / name).write_bytes(content)
            print(f"{name}: written")
        elif differs(FOLDER / name, content):
            failed = True
            print(f"{name}: differs")
        else:
            print(f"{name}: the same")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

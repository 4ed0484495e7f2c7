"""Makes plateau.csv: the rates of Keras' and PyTorch's ReduceLROnPlateau after each metric.

    python3 -m venv venv && . venv/bin/activate
    pip install keras==3.15.1 torch==2.15.0 numpy==2.4.6
    python plateau.py            # or: python plateau.py --check

README.md describes the format. The metrics of a set are built from the best one so far, on both
sides of the threshold, so they are read from the real object. Each is a 32-bit float.
"""

import math
import os
import random
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from committed import made_by, write_or_check  # noqa: E402

TABLE = Path(__file__).resolve().parent / "plateau.csv"
METRICS = 40
RATE = 0.5  # the constant rate that is reduced
# What a metric is relative to the best one, or to the threshold below or above it.
IMPROVEMENTS = ("better", "outside")
BAD = ("edge", "edge", "inside", "inside", "same", "jitter", "worse", "nan")
NEAR = 2.0**-16  # far above a rounding, and far below a threshold of 1e-4
DYADIC = 2.0**-10  # a threshold at which sums are exact


class Keras:
    """Keras' callback, on a model that has nothing but an optimizer."""

    def __init__(self, *, mode, threshold=1e-4, **options):
        assert options.pop("threshold_mode", "abs") == "abs"
        self.model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        self.model.compile(optimizer=keras.optimizers.SGD(RATE))
        self.callback = keras.callbacks.ReduceLROnPlateau(
            monitor="metric", mode=mode, min_delta=threshold, **options
        )
        self.callback.set_model(self.model)
        self.callback.on_train_begin()

    def best(self):
        return self.callback.best

    def observe(self, metric):
        self.callback.on_epoch_end(0, {"metric": metric})
        return str(np.float32(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)))


class PyTorch:
    """PyTorch's scheduler, on an optimizer with one unused parameter."""

    def __init__(self, **options):
        self.optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
        self.scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(self.optimizer, **options)

    def best(self):
        best = self.scheduler.best
        return best if math.isfinite(best) else None

    def observe(self, metric):
        self.scheduler.step(metric)
        return repr(float(self.optimizer.param_groups[0]["lr"]))


LIBRARIES = {"keras": Keras, "pytorch": PyTorch}


def plateau(library, factor, patience, mode="min", first=1.0, **options):
    """A set: the library, its arguments, and the first metric."""
    return library, first, {"mode": mode, "factor": factor, "patience": patience, **options}


SETS = (
    plateau("keras", 0.1, 10),
    plateau("keras", 0.5, 0, threshold=0.0),
    plateau("keras", 0.5, 1, threshold=DYADIC),
    plateau("keras", 0.75, 1, threshold=DYADIC, cooldown=1),
    plateau("keras", 0.1, 3, threshold=DYADIC, cooldown=2),
    plateau("keras", 0.5, 1, "max", threshold=DYADIC, cooldown=2),
    plateau("keras", 0.5, 1, threshold=DYADIC, cooldown=2, min_lr=0.03),
    plateau("keras", 0.3, 0, "max", cooldown=2, min_lr=0.01),
    plateau("keras", 0.5, 3, first=math.nan),
    plateau("keras", 0.5, 3, first=math.inf),
    plateau("pytorch", 0.1, 10),
    plateau("pytorch", 0.5, 0, threshold=0.0, eps=0.0),
    plateau("pytorch", 0.5, 1, threshold=0.25),
    plateau("pytorch", 0.5, 1, "max", threshold=0.25, cooldown=1),
    plateau("pytorch", 0.1, 3, threshold=DYADIC, threshold_mode="abs", cooldown=2, eps=0.0),
    plateau("pytorch", 0.5, 1, "max", threshold=DYADIC, threshold_mode="abs", cooldown=2),
    plateau("pytorch", 0.5, 1, threshold=0.25, min_lr=0.03, eps=0.0),
    plateau("pytorch", 0.3, 0, "max", cooldown=2, min_lr=0.01),
    plateau("pytorch", 0.5, 3, first=math.nan),
    plateau("pytorch", 0.5, 3, first=math.inf),
    plateau("pytorch", 0.5, 0, "max", first=-1.0),
    plateau("pytorch", 0.01, 0),  # ends with reductions that are smaller than `eps`
)


def next_metric(kind, best, options, draw):
    """A metric of this kind, as a 32-bit float."""
    if kind == "nan" or best is None or math.isnan(best):
        return math.nan if kind == "nan" else 1.0
    if math.isinf(best):
        return 1.0
    up = options["mode"] == "max"
    threshold = options.get("threshold", 1e-4)
    relative = options["relative"]
    bound = best * (1 + threshold if up else 1 - threshold) if relative else best
    bound += 0.0 if relative else (threshold if up else -threshold)
    gain = 1 if up else -1
    # Few bits, so that sums and products with a dyadic threshold are often exact.
    distance = math.ceil(draw.uniform(0.01, 0.05) * abs(best) * 4096) / 4096
    metric = {
        "better": bound + gain * distance,
        "edge": bound,
        "inside": bound - gain * NEAR,
        "outside": bound + gain * NEAR,
        "same": best,
        "jitter": best - gain * draw.uniform(0.0, 0.01) * abs(best),
        "worse": best - gain * draw.uniform(0.1, 2.0) * abs(best),
    }[kind]
    # At the edge only a sum without a rounding is the same in every arithmetic.
    if kind == "edge" and float(np.float32(metric)) != metric:
        metric = best
    return float(np.float32(metric))


def set_lines(index):
    library, first, options = SETS[index]
    draw = random.Random(index)
    yield " ".join([f"set library={library}", *(f"{k}={v}" for k, v in options.items())])
    observer = LIBRARIES[library](**options)
    relative = library == "pytorch" and options.get("threshold_mode", "rel") == "rel"
    for observation in range(METRICS):
        metric = first
        if observation > 0:
            # Rare, so that rates are reduced.
            improves = draw.random() < 1 / (2 * options["patience"] + 3)
            kind = draw.choice(IMPROVEMENTS if improves else BAD)
            metric = next_metric(kind, observer.best(), {**options, "relative": relative}, draw)
        yield f"{np.float32(metric)},{observer.observe(metric)}"


def table():
    yield "# ReduceLROnPlateau of Keras (torch backend, CPU) and PyTorch, from a rate of 0.5"
    yield made_by("plateau.py", "keras", "torch", "numpy")
    yield "# metric,rate after it"
    for index in range(len(SETS)):
        yield from set_lines(index)


write_or_check(TABLE, table())

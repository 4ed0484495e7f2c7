"""Makes early_stopping.csv: what Keras' EarlyStopping does after each metric.

    python3 -m venv venv && . venv/bin/activate
    pip install keras==3.15.1 torch==2.15.0 numpy==2.4.6
    python early_stopping.py            # or: python early_stopping.py --check

README.md describes the format. The metrics of a set are built from the best one so far, on both
sides of the threshold, so they are read from the real object. Each is a 32-bit float.
"""

import os
import random
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras  # noqa: E402
import numpy as np  # noqa: E402
from committed import made_by, write_or_check  # noqa: E402

TABLE = Path(__file__).resolve().parent / "early_stopping.csv"
METRICS = 40  # at most; a set ends where Keras stops
DELTA = 2.0**-10  # sums with it are exact
NEAR = 2.0**-16
NAN, INFINITY = float("nan"), float("inf")


def stopping(mode="min", first=1.0, **options):
    """A set: the arguments of Keras, and the first metric."""
    return first, {"mode": mode, "min_delta": 0.0, "patience": 0, **options}


SETS = (
    stopping(),
    stopping(patience=1),
    stopping(patience=2),
    stopping(patience=2, min_delta=DELTA),
    stopping(patience=5, min_delta=DELTA),
    stopping(patience=5, min_delta=DELTA, start_from_epoch=4),
    stopping("max", patience=3),
    stopping("max", patience=5, min_delta=DELTA),
    stopping("max", first=-1.0, patience=5, min_delta=DELTA, start_from_epoch=3),
    stopping(patience=10, min_delta=DELTA),
    stopping(patience=50),
    stopping(first=NAN, patience=3),
    stopping(first=INFINITY, patience=3),
)


def next_metric(best, up, draw):
    """A metric that is better, worse, or near the threshold, as a 32-bit float."""
    gain = 1.0 if up else -1.0
    if best is None or not np.isfinite(best):
        return 1.0
    change = draw.choice(
        [0.0, gain * DELTA, gain * (DELTA - NEAR), gain * (DELTA + NEAR), -gain * DELTA, NAN]
        + [gain * draw.randrange(1, 64) / 1024, -gain * draw.randrange(1, 64) / 1024]
    )
    return float(np.float32(best + change))


def set_lines(index):
    first, options = SETS[index]
    draw = random.Random(index)
    yield "set " + " ".join(f"{key}={value}" for key, value in options.items())
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    callback = keras.callbacks.EarlyStopping(
        monitor="metric", restore_best_weights=True, **options
    )
    callback.set_model(model)
    model.stop_training = False
    callback.on_train_begin()
    for epoch in range(METRICS):
        metric = first if epoch == 0 else next_metric(callback.best, options["mode"] == "max", draw)
        # The bias is the number of the epoch, so it says which weights are kept.
        model.set_weights([np.zeros((1, 1)), np.full(1, epoch)])
        callback.on_epoch_end(epoch, {"metric": metric})
        kept = callback.best_weights
        bias = "" if kept is None else int(kept[1][0])
        yield f"{np.float32(metric)},{int(model.stop_training)},{bias}"
        if model.stop_training:
            return


def table():
    yield "# EarlyStopping of Keras (torch backend, CPU)"
    yield made_by("early_stopping.py", "keras", "torch", "numpy")
    yield "# metric,whether it stops,epoch of the best weights"
    for index in range(len(SETS)):
        yield from set_lines(index)


write_or_check(TABLE, table())

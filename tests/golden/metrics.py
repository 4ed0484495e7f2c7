"""Makes metrics.csv: the metrics of scikit-learn and River for streams of predictions.

    python3 -m venv venv && . venv/bin/activate
    pip install scikit-learn==1.9.1 river==0.26.1 numpy==2.4.6
    python metrics.py            # or: python metrics.py --check

README.md describes the format.
"""

import math
import random
import warnings
from pathlib import Path

import numpy as np
from river import stats
from sklearn import metrics

from committed import made_by, write_or_check

TABLE = Path(__file__).resolve().parent / "metrics.csv"
SCORES = ("accuracy", "balanced_accuracy", "precision", "recall", "f1")


def stream(positives, skill, samples=300, threshold=0.5, bins=64, alpha=0.125, places=None):
    """A set: the fraction of positives, how far the classes are apart, and the metrics' arguments.

    With `places` the predictions are rounded, so that there are ties.
    """
    return positives, skill, samples, places, threshold, bins, alpha


SETS = (
    stream(0.5, 1.0),
    stream(0.05, 2.0),
    stream(0.05, 2.0, threshold=0.125, alpha=0.01),
    stream(0.5, 0.0, bins=2),
    stream(0.5, -1.0, threshold=0.75, bins=1000, alpha=0.5),
    stream(0.3, 1.0, bins=10, places=1),
    stream(0.3, 1.0, bins=10, places=2, threshold=0.25, alpha=1.0),
    stream(0.5, 0.25, bins=64, places=0),
    stream(0.0, 1.0),
    stream(1.0, 1.0, alpha=0.0),
    stream(0.2, 1.0, threshold=1.0),
    stream(0.2, 1.0, threshold=0.0),
    stream(0.5, 30.0),
    stream(1.0, 0.0, samples=1),
    stream(0.0, 0.0, samples=1),
)


def samples(index):
    """32-bit predictions, and their labels."""
    positives, skill, count, places, *_ = SETS[index]
    draw = random.Random(index)
    for _ in range(count):
        label = draw.random() < positives
        logit = draw.gauss(skill if label else -skill, 1.5)
        prediction = 1 / (1 + math.exp(-logit))
        yield np.float32(prediction if places is None else round(prediction, places)), label


def auc(labels, predictions, bins):
    """scikit-learn's area for predictions in bins, computed in their own type."""
    binned = np.minimum(np.floor(predictions * predictions.dtype.type(bins)), bins - 1)
    return float(metrics.roc_auc_score(labels, binned))


def set_lines(index):
    *_, threshold, bins, alpha = SETS[index]
    predictions, labels = map(np.array, zip(*samples(index)))
    positive = predictions > threshold
    # Far from 0 and 1, so that the loss is finite.
    likely = np.clip(predictions.astype(float), 1e-7, 1 - 1e-7)
    losses = np.float32(-np.log(np.where(labels, likely, 1 - likely)))
    matrix = metrics.confusion_matrix(labels, positive, labels=[False, True])
    values = dict(zip(("tn", "fp", "fn", "tp"), map(int, matrix.ravel())))
    for score in SCORES:
        values[score] = float(getattr(metrics, f"{score}_score")(labels, positive))
    values["auc32"] = auc(labels, predictions, bins)
    values["auc64"] = auc(labels, predictions.astype(float), bins)
    mean, ew_mean = stats.Mean(), stats.EWMean(alpha)
    rows = []
    for prediction, label, loss in zip(predictions, labels, losses):
        mean.update(float(loss))
        ew_mean.update(float(loss))
        rows.append(f"{prediction},{int(label)},{loss},{ew_mean.get()!r}")
    values["mean"] = mean.get()
    parameters = {"threshold": threshold, "bins": bins, "alpha": alpha, **values}
    yield " ".join(["set", *(f"{key}={value!r}" for key, value in parameters.items())])
    yield from rows


def table():
    yield "# metrics of scikit-learn, and means of River"
    yield made_by("metrics.py", "scikit-learn", "river", "numpy")
    yield "# prediction,label,loss,exponentially weighted mean after it"
    for index in range(len(SETS)):
        yield from set_lines(index)


warnings.simplefilter("ignore")  # of an undefined metric
write_or_check(TABLE, table())

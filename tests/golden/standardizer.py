"""Makes standardizer.csv: the StandardScaler of scikit-learn and of River after each sample.

    python3 -m venv venv && . venv/bin/activate
    pip install scikit-learn==1.9.1 river==0.22.0 numpy==2.4.6
    python standardizer.py            # or: python standardizer.py --check

README.md describes the format. Every sample is a 32-bit float.
"""

import random
from pathlib import Path

import numpy as np
from river import preprocessing
from sklearn.preprocessing import StandardScaler

from committed import made_by, write_or_check

TABLE = Path(__file__).resolve().parent / "standardizer.csv"
SAMPLES = 60


def stream(name, value):
    """A set: the name of a feature, and its value from a random generator and an index."""
    return name, value


SETS = (
    stream("pressure", lambda draw, index: draw.gauss(1013.0, 5.0)),
    stream("acceleration", lambda draw, index: draw.gauss(0.0, 1e-3)),
    stream("vibration", lambda draw, index: abs(draw.gauss(0.3, 0.1))),
    stream("counter", lambda draw, index: 1e6 + draw.randrange(100)),
    stream("converter", lambda draw, index: 2048 + draw.randrange(-2, 3)),
    stream("negative_offset", lambda draw, index: draw.gauss(-1013.0, 1e-2)),
    stream("ramp", lambda draw, index: index / 8 - 3.0),
    stream("alternating", lambda draw, index: 1000.0 * (-1.0) ** index),
    stream("event", lambda draw, index: float(draw.random() < 0.05)),
    stream("late", lambda draw, index: draw.gauss(5.0, 1.0) if index >= 20 else 5.0),
    stream("constant", lambda draw, index: 1013.25),
    stream("zero", lambda draw, index: 0.0),
    stream("large", lambda draw, index: draw.gauss(0.0, 1e15)),
    stream("small", lambda draw, index: draw.gauss(1e-12, 1e-12)),
)


def set_lines(number):
    name, value = SETS[number]
    draw = random.Random(number)
    yield f"set feature={name}"
    scaler = StandardScaler()
    river = preprocessing.StandardScaler()
    samples = [np.float32(value(draw, index)) for index in range(SAMPLES + 1)]
    for sample, following in zip(samples, samples[1:]):
        x, probe = float(sample), float(following)
        scaler.partial_fit([[x]])
        river.learn_one({"x": x})
        mean, variance = scaler.mean_[0], scaler.var_[0]
        transformed = scaler.transform([[probe]])[0, 0], river.transform_one({"x": probe})["x"]
        numbers = mean, variance, *transformed
        yield ",".join(repr(float(number)) for number in (x, *numbers))


def table():
    yield "# StandardScaler of scikit-learn (partial_fit) and River (learn_one), sample by sample"
    yield made_by("standardizer.py", "scikit-learn", "river", "numpy")
    yield "# sample,mean and variance after it,the next sample transformed by scikit-learn,by River"
    for number in range(len(SETS)):
        yield from set_lines(number)


write_or_check(TABLE, table())

"""Makes weights.csv: neurons trained with weighted samples by Keras, PyTorch and scikit-learn.

    python3 -m venv venv && . venv/bin/activate
    pip install keras==3.15.1 torch==2.15.0 scikit-learn==1.9.1 numpy==2.4.6
    python weights.py            # or: python weights.py --check

README.md describes the format.
"""

import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from sklearn.linear_model import SGDClassifier  # noqa: E402
from committed import made_by, write_or_check  # noqa: E402

TABLE = Path(__file__).resolve().parent / "weights.csv"
SAMPLES = 48
FEATURES = 3
RATE = 0.5
CLASS_WEIGHT = {0: 0.25, 1: 4.0}
WEIGHTS = [0.0, 0.125, 0.3, 1.0, 1.0, 2.5, 10.0]


class Keras:
    """The weights go to `train_on_batch`. Keras computes in 32 bits."""

    def __init__(self):
        self.model = keras.Sequential([keras.Input((FEATURES,)), keras.layers.Dense(1)])
        self.model.set_weights([np.zeros((FEATURES, 1)), np.zeros(1)])
        self.loss = keras.losses.BinaryCrossentropy(from_logits=True)
        self.model.compile(keras.optimizers.SGD(RATE), self.loss)

    def train(self, xs, ys, weights):
        loss = self.loss(ys[:, None], self.model(xs), weights).item()
        self.model.train_on_batch(xs, ys[:, None], sample_weight=weights)
        kernel, bias = self.model.get_weights()
        return loss, kernel[:, 0], bias[0]


class PyTorch:
    """The weights are those of the loss."""

    def __init__(self):
        self.model = torch.nn.Linear(FEATURES, 1, dtype=torch.float64)
        torch.nn.init.zeros_(self.model.weight)
        torch.nn.init.zeros_(self.model.bias)
        self.sgd = torch.optim.SGD(self.model.parameters(), RATE)

    def train(self, xs, ys, weights):
        loss = torch.nn.BCEWithLogitsLoss(weight=torch.tensor(weights))(
            self.model(torch.tensor(xs))[:, 0], torch.tensor(ys)
        )
        self.sgd.zero_grad()
        loss.backward()
        self.sgd.step()
        return loss.item(), self.model.weight.detach().numpy()[0], self.model.bias.item()


class ScikitLearn:
    """An update for each sample of a batch; it has no loss to show."""

    def __init__(self, class_weight=None):
        self.model = SGDClassifier(
            loss="log_loss",
            penalty=None,
            learning_rate="constant",
            eta0=RATE,
            shuffle=False,
            class_weight=class_weight,
        )
        self.class_weight = class_weight

    def train(self, xs, ys, weights):
        weights = None if self.class_weight else weights
        self.model.partial_fit(xs, ys, classes=[0.0, 1.0], sample_weight=weights)
        return float("nan"), self.model.coef_[0], self.model.intercept_[0]


SETS = (
    ("keras", 8, "sample", Keras),
    ("keras", 5, "class", Keras),
    ("pytorch", 8, "sample", PyTorch),
    ("pytorch", 1, "class", PyTorch),
    ("scikit-learn", 8, "sample", ScikitLearn),
    ("scikit-learn", 8, "class", lambda: ScikitLearn(CLASS_WEIGHT)),
)


def numbers(values):
    return ",".join(repr(float(value)) for value in values)


def set_lines(index):
    library, batch, kind, make = SETS[index]
    draw = np.random.default_rng(index)
    # 32-bit floats, so that f32 has the same samples.
    xs = np.float64(np.float32(draw.normal(size=(SAMPLES, FEATURES))))
    ys = np.float64(xs.sum(1) + draw.normal(size=SAMPLES) > 0.0)
    if kind == "class":
        weights = np.array([CLASS_WEIGHT[int(y)] for y in ys])
    else:
        weights = np.float64(np.float32(draw.choice(WEIGHTS, SAMPLES)))
    yield f"set library={library} weights={kind} batch={batch}"
    model = make()
    for start in range(0, SAMPLES, batch):
        of_batch = slice(start, start + batch)
        for sample in zip(xs[of_batch], ys[of_batch], weights[of_batch]):
            yield f"{numbers(sample[0])},{numbers(sample[1:])}"
        loss, w, bias = model.train(xs[of_batch], ys[of_batch], weights[of_batch])
        yield f"after {numbers([loss, *w, bias])}"


def table():
    yield f"# Updates from weighted samples, from 0 and at a rate of {RATE}; Keras in 32 bits"
    yield made_by("weights.py", "keras", "torch", "scikit-learn", "numpy")
    yield "# x0,x1,x2,y,weight of each sample of a batch; after loss,w0,w1,w2,bias"
    for index in range(len(SETS)):
        yield from set_lines(index)


write_or_check(TABLE, table())

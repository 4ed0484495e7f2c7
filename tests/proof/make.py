"""Makes the data sets of this folder, and reference.csv: neurons trained on them by PyTorch,
scikit-learn and River.

    python3 -m venv venv && . venv/bin/activate
    pip install torch==2.15.0 scikit-learn==1.9.1 river==0.26.1 numpy==2.4.6
    python make.py            # or: python make.py --check

README.md describes the protocol and the formats. It takes a few minutes.
"""

import math
import sys
from functools import cache
from pathlib import Path

import numpy as np
import river.linear_model
import river.metrics
import river.optim
import river.preprocessing
import torch
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import confusion_matrix

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "golden"))

from committed import made_by  # noqa: E402
from permutation import permutation  # noqa: E402

torch.set_num_threads(1)
# A prediction nearer to 1/2 could be on the other side in 32 bits.
MARGIN = 1e-4
# The largest relative difference of PyTorch and scikit-learn.
WITNESS = 1e-6
RIVER_RATE = 0.02


def number(value):
    return np.format_float_positional(value, trim="-")


class Data:
    """Raw features, and labels of 0 and 1."""

    def __init__(self, xs, ys, epochs):
        self.xs, self.ys, self.epochs = np.float64(xs), np.float64(ys), epochs


CANCER, IRIS, DIGITS = load_breast_cancer(), load_iris(), load_digits()
THREES_AND_EIGHTS = np.isin(DIGITS.target, (3, 8))
TASKS = {
    "breast_cancer": Data(CANCER.data, CANCER.target == 0, 10),
    "iris_setosa": Data(IRIS.data, IRIS.target == 0, 20),
    "iris_versicolor": Data(IRIS.data, IRIS.target == 1, 20),
    "iris_virginica": Data(IRIS.data, IRIS.target == 2, 20),
    "digits_3_8": Data(
        DIGITS.data[THREES_AND_EIGHTS], DIGITS.target[THREES_AND_EIGHTS] == 8, 10
    ),
    "digits_6": Data(DIGITS.data, DIGITS.target == 6, 5),
}

# Momentum of 0.9 makes updates about ten times as large, so its rate is a tenth. scikit-learn
# cannot change the rate while it averages, so that rate is constant.
VARIANTS = (
    {"order": "rows"},
    {},
    {"rules": "momentum:0.9", "rate": 0.01},
    {"rules": "nesterov:0.9", "rate": 0.01},
    {"rules": "l2:0.01"},
    {"rules": "clip_value:0.25"},
    {"rules": "clip_norm:0.5"},
    {"rules": "average:0", "schedule": "constant"},
    {"class_weights": "0.5;4"},
    {"batch": 16},
    {
        "rules": "clip_norm:0.5;l2:0.01;nesterov:0.9",
        "class_weights": "0.5;4",
        "batch": 16,
        "rate": 0.01,
    },
)
DEFAULTS = {
    "rules": "",
    "class_weights": "1;1",
    "batch": 1,
    "rate": 0.1,
    "schedule": "cosine",
    "order": "shuffled",
}


class Protocol:
    """A task and a variant: the rows of every update and its rate."""

    def __init__(self, task, variant):
        self.options = DEFAULTS | variant
        data = TASKS[task]
        held_out = np.arange(len(data.ys)) % 5 == 4
        train = data.xs[~held_out]
        deviation = train.std(axis=0)
        varies = deviation > 0.0
        scaled = np.where(
            varies, (data.xs - train.mean(axis=0)) / np.where(varies, deviation, 1.0), 0.0
        )
        self.train = scaled[~held_out], data.ys[~held_out]
        self.test = scaled[held_out], data.ys[held_out]
        rules = [rule.split(":") for rule in self.options["rules"].split(";") if rule]
        self.rules = {name: float(value) for name, value in rules}
        self.class_weights = [float(weight) for weight in self.options["class_weights"].split(";")]
        self.updates = list(self.all_updates(data.epochs))

    def rate(self, step, steps):
        if self.options["schedule"] == "constant":
            return self.options["rate"]
        return self.options["rate"] * (1.0 + math.cos(math.pi * step / steps)) / 2.0

    def all_updates(self, epochs):
        rows, batch = len(self.train[1]), self.options["batch"]
        steps = epochs * math.ceil(rows / batch)
        step = 0
        for epoch in range(epochs):
            order = shuffled(rows, epoch) if self.options["order"] == "shuffled" else range(rows)
            for start in range(0, rows, batch):
                yield list(order[start : start + batch]), self.rate(step, steps)
                step += 1


@cache
def shuffled(rows, seed):
    return permutation(rows, seed)


def pytorch(protocol):
    """The weights and the bias, in 64 bits."""
    rules = protocol.rules
    model = torch.nn.Linear(protocol.train[0].shape[1], 1, dtype=torch.float64)
    torch.nn.init.zeros_(model.weight)
    torch.nn.init.zeros_(model.bias)
    average = torch.optim.swa_utils.AveragedModel(model)
    sgd = torch.optim.SGD(
        # The bias has no penalty.
        [
            {"params": [model.weight], "weight_decay": rules.get("l2", 0.0)},
            {"params": [model.bias]},
        ],
        lr=0.0,
        momentum=rules.get("momentum", rules.get("nesterov", 0.0)),
        nesterov="nesterov" in rules,
    )
    xs, ys = map(torch.tensor, protocol.train)
    weights = torch.where(ys == 1.0, *reversed(protocol.class_weights)).double()
    for rows, rate in protocol.updates:
        for group in sgd.param_groups:
            group["lr"] = rate
        loss = torch.nn.BCEWithLogitsLoss(weight=weights[rows])(model(xs[rows])[:, 0], ys[rows])
        sgd.zero_grad()
        loss.backward()
        if "clip_value" in rules:
            torch.nn.utils.clip_grad_value_(model.parameters(), rules["clip_value"])
        if "clip_norm" in rules:
            torch.nn.utils.clip_grad_norm_(model.parameters(), rules["clip_norm"])
        sgd.step()
        if "average" in rules:
            average.update_parameters(model)
    learnt = average.module if "average" in rules else model
    return learnt.weight.detach().numpy()[0], learnt.bias.item()


def scikit_learn(protocol):
    """The weights and the bias of scikit-learn, or None if it cannot follow the protocol."""
    rules = protocol.rules
    if protocol.options["batch"] > 1 or not rules.keys() <= {"l2", "average"}:
        return None
    model = SGDClassifier(
        loss="log_loss",
        penalty="l2" if "l2" in rules else None,
        alpha=rules.get("l2", 0.0001),
        learning_rate="constant",
        eta0=protocol.options["rate"],
        shuffle=False,
        average="average" in rules,
        class_weight=dict(enumerate(protocol.class_weights)),
    )
    xs, ys = protocol.train
    if "average" in rules:
        # All the updates in one call.
        stream = [row for rows, _ in protocol.updates for row in rows]
        model.partial_fit(xs[stream], ys[stream], classes=[0, 1])
    else:
        for rows, rate in protocol.updates:
            model.set_params(eta0=rate).partial_fit(xs[rows], ys[rows], classes=[0, 1])
    return model.coef_[0], model.intercept_[0]


def losses_and_counts(protocol, weights, bias):
    """The losses of the training and the test rows, the norm, and the counts of the test rows."""
    losses = []
    for xs, ys in (protocol.train, protocol.test):
        logits = torch.tensor(xs @ weights + bias)
        losses.append(torch.nn.BCEWithLogitsLoss()(logits, torch.tensor(ys)).item())
    predictions = torch.sigmoid(logits).numpy()
    return [*losses, math.hypot(*weights)], counts_of(predictions, ys)


def counts_of(predictions, ys):
    nearest = np.abs(predictions - 0.5).min(where=predictions != 0.5, initial=1.0)
    assert nearest > MARGIN, f"a prediction is {nearest} from 1/2"
    return confusion_matrix(ys, predictions > 0.5).ravel().tolist()


def prequential(data):
    """River on the raw rows: predict, then learn. The scaler learns before the regression does."""
    model = river.preprocessing.StandardScaler() | river.linear_model.LogisticRegression(
        river.optim.SGD(RIVER_RATE), intercept_lr=RIVER_RATE
    )
    log_loss, predictions = river.metrics.LogLoss(), []
    for row, y in zip(data.xs, data.ys):
        x = dict(enumerate(row.tolist()))
        prediction = model.predict_proba_one(x)
        predictions.append(prediction[True])
        log_loss.update(bool(y), prediction)
        model.learn_one(x, bool(y))
    # Outside of this interval the metric limits the prediction, and its loss is not the logit's.
    assert all(1e-15 < p < 1.0 - 1e-15 for p in predictions)
    norm = math.hypot(*model["LogisticRegression"].weights.values())
    return [log_loss.get(), norm], counts_of(np.array(predictions), data.ys)


def row(figures, counts):
    # Ten digits are the same on every processor.
    return ",".join([f"{figure:.9e}" for figure in figures] + [str(count) for count in counts])


def batch_lines():
    for task in TASKS:
        for variant in VARIANTS:
            protocol = Protocol(task, variant)
            figures, counts = losses_and_counts(protocol, *pytorch(protocol))
            libraries = "pytorch"
            witness = scikit_learn(protocol)
            if witness is not None:
                libraries += ";scikit-learn"
                theirs, their_counts = losses_and_counts(protocol, *witness)
                np.testing.assert_allclose(theirs, figures, rtol=WITNESS)
                assert their_counts == counts
            options = {"library": libraries, "data": task, "epochs": TASKS[task].epochs}
            options |= protocol.options
            yield "set " + " ".join(f"{key}={value}" for key, value in options.items() if value)
            yield row(figures, counts)


def stream_lines():
    for task, data in TASKS.items():
        figures, counts = prequential(data)
        yield f"set library=river data={task} rate={RIVER_RATE}"
        yield row(figures, counts)


def reference():
    yield "# Neurons trained from 0; README.md describes the protocol"
    yield made_by("make.py", "torch", "scikit-learn", "river", "numpy")
    yield "# train loss,test loss,norm of the weights,tn,fp,fn,tp; River: loss,norm,tn,fp,fn,tp"
    yield from batch_lines()
    yield from stream_lines()


def features(name, data, source):
    yield f"# {name}, raw: the class, then the features"
    yield f"# {source}; scikit-learn's copy"
    for x, y in zip(data.data, data.target):
        yield f"{y}," + ",".join(map(number, x))


def pixels():
    yield "# Handwritten digits: the digit, then its 64 pixels in base 17"
    yield "# E. Alpaydin, C. Kaynak, 1998, UCI Machine Learning Repository,"
    yield "# https://doi.org/10.24432/C50P49, CC BY 4.0; scikit-learn's copy"
    for x, y in zip(DIGITS.data, DIGITS.target):
        yield f"{y}," + "".join("0123456789abcdefg"[int(pixel)] for pixel in x)


FILES = {
    "breast_cancer.csv": features(
        "Breast Cancer Wisconsin (Diagnostic)",
        CANCER,
        "W. Wolberg, O. Mangasarian, N. Street, W. Street, 1993, UCI, "
        "https://doi.org/10.24432/C5DW2B, CC BY 4.0",
    ),
    "iris.csv": features(
        "Iris", IRIS, "R. A. Fisher, 1936, UCI, https://doi.org/10.24432/C56C76, CC BY 4.0"
    ),
    "digits.csv": pixels(),
    "reference.csv": reference(),
}

texts = {FOLDER / name: "".join(f"{line}\n" for line in lines) for name, lines in FILES.items()}
if "--check" in sys.argv:
    sys.exit([p.name for p, text in texts.items() if p.read_text() != text] or None)
for path, text in texts.items():
    path.write_text(text)

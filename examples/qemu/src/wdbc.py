"""Makes src/wdbc.rs: the Wisconsin breast cancer data as a table in flash, and the figures of
scikit-learn under the schedule of src/bin/wdbc.rs.

    python3 -m venv venv && venv/bin/pip install scikit-learn==1.9.1
    venv/bin/python src/wdbc.py            # writes src/wdbc.rs
    venv/bin/python src/wdbc.py --check    # fails if src/wdbc.rs would change

The table has raw features, which the program standardises on the chip. scikit-learn standardises
them with the mean and the deviation of the training rows.

Data: W. Wolberg, O. Mangasarian, N. Street, W. Street, "Breast Cancer Wisconsin (Diagnostic)",
1993, UCI Machine Learning Repository, https://doi.org/10.24432/C5DW2B, CC BY 4.0; scikit-learn's
copy.
"""

import math
import pathlib
import sys

import numpy as np
import sklearn
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import confusion_matrix, log_loss
from sklearn.preprocessing import StandardScaler

EPOCHS = 50
INITIAL_RATE = 0.1


def split():
    """Raw features and labels: every fifth row is for the test, the others are for training."""
    data = load_breast_cancer()
    held_out = np.arange(len(data.target)) % 5 == 4
    malignant = 1 - data.target
    return [data.data[~held_out], data.data[held_out]], [malignant[~held_out], malignant[held_out]]


def reference(features, labels):
    """scikit-learn's logistic regression by SGD, one row after the other, the rate set by hand."""
    scaler = StandardScaler().fit(features[0])
    features = [scaler.transform(rows) for rows in features]
    rows, targets = features[0], labels[0]
    total = EPOCHS * len(rows)
    model = SGDClassifier(
        loss="log_loss", penalty=None, learning_rate="constant", eta0=INITIAL_RATE
    )
    # The first call has to name the classes; with a rate of almost 0 the start stays zero.
    model.set_params(eta0=1e-300).partial_fit(rows[:1], targets[:1], classes=[0, 1])
    for step in range(total):
        remaining = (total - step) / total
        model.set_params(eta0=INITIAL_RATE * math.sin(math.pi / 2 * remaining) ** 2)
        row = step % len(rows)
        model.partial_fit(rows[row : row + 1], targets[row : row + 1])
    losses = [log_loss(y, model.predict_proba(x)) for x, y in zip(features, labels)]
    counts = confusion_matrix(labels[1], model.predict(features[1])).ravel()
    return losses, [int(count) for count in counts]


def table(name, doc, kind, rows):
    lines = "".join(f"    {row},\n" for row in rows)
    return f"/// {doc}\n#[rustfmt::skip]\npub static {name}: {kind} = [\n{lines}];\n"


def source():
    features, labels = split()
    losses, counts = reference(features, labels)
    parts = [
        "//! Made by wdbc.py; not to be edited.\n"
        "//!\n"
        "//! The Wisconsin breast cancer data, raw; label 1 is malignant.\n"
        '//! Source: W. Wolberg, O. Mangasarian, N. Street, W. Street, '
        '"Breast Cancer Wisconsin (Diagnostic)",\n'
        "//! 1993, UCI Machine Learning Repository, <https://doi.org/10.24432/C5DW2B>, CC BY 4.0;\n"
        "//! scikit-learn's copy.\n\n"
        '#![allow(clippy::approx_constant, reason = "3.14 is a measurement here")]\n',
        "/// Features of a row.\npub const FEATURES: usize = 30;\n",
        f"/// Passes over the training rows.\npub const EPOCHS: u32 = {EPOCHS};\n",
        "/// The rate that the cosine starts from.\n"
        f"pub const INITIAL_RATE: f32 = {INITIAL_RATE};\n",
        f"/// scikit-learn {sklearn.__version__}: the mean cross-entropy of the training rows.\n"
        f"pub const TRAIN_LOSS: f32 = {losses[0]:.6f};\n",
        f"/// scikit-learn {sklearn.__version__}: the mean cross-entropy of the test rows.\n"
        f"pub const TEST_LOSS: f32 = {losses[1]:.6f};\n",
        f"/// scikit-learn {sklearn.__version__}: true negatives, false positives, "
        "false negatives, true positives of the test.\n"
        f"pub const CONFUSION: [u32; 4] = {counts};\n",
    ]
    for name, what, rows, targets in zip(
        ("TRAIN", "TEST"), ("train on", "test on"), features, labels
    ):
        text = [
            "[" + ", ".join(np.format_float_positional(v, unique=True, trim="0") for v in row) + "]"
            for row in np.float32(rows)
        ]
        parts.append(
            table(f"{name}_X", f"The rows to {what}.", f"[[f32; FEATURES]; {len(rows)}]", text)
        )
        values = [
            ", ".join(f"{int(y)}.0" for y in targets[i : i + 20])
            for i in range(0, len(targets), 20)
        ]
        parts.append(
            table(f"{name}_Y", f"The labels of `{name}_X`.", f"[f32; {len(rows)}]", values)
        )
    return "\n".join(parts)


path = pathlib.Path(__file__).with_suffix(".rs")
if "--check" in sys.argv:
    same = path.read_text() == source()
    print("the same" if same else "another")
    sys.exit(not same)
path.write_text(source())

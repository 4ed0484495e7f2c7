"""Makes rules.csv: neurons trained with clipping, decay, momentum and averaging by other libraries.

    python3 -m venv venv && . venv/bin/activate
    pip install keras==3.15.1 torch==2.15.0 scikit-learn==1.9.1 optax==0.2.8 numpy==2.4.6
    python rules.py              # or: python rules.py --check

README.md describes the format.
"""

import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import jax  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402
import torch  # noqa: E402
from sklearn.linear_model import SGDClassifier  # noqa: E402
from committed import made_by, write_or_check  # noqa: E402

jax.config.update("jax_enable_x64", True)

TABLE = Path(__file__).resolve().parent / "rules.csv"
FEATURES = 3
# The rate drops, stays at 0 and rises, since only then the kinds of momentum differ.
RATES = [0.5] * 8 + [0.125] * 8 + [0.0] * 4 + [0.25] * 4


class Keras:
    """Computes in 32 bits."""

    def __init__(self, **options):
        self.model = keras.Sequential([keras.Input((FEATURES,)), keras.layers.Dense(1)])
        self.model.set_weights([np.zeros((FEATURES, 1)), np.zeros(1)])
        sgd = keras.optimizers.SGD(RATES[0], **options)
        sgd.exclude_from_weight_decay(var_names=["bias"])
        self.model.compile(sgd, keras.losses.BinaryCrossentropy(from_logits=True))

    def train(self, rate, x, y):
        self.model.optimizer.learning_rate = rate
        self.model.train_on_batch(x[None], np.array([[y]]))
        kernel, bias = self.model.get_weights()
        return *kernel[:, 0], bias[0]


class PyTorch:
    def __init__(self, clip_value=None, l2=0.0, **options):
        self.model = torch.nn.Linear(FEATURES, 1, dtype=torch.float64)
        torch.nn.init.zeros_(self.model.weight)
        torch.nn.init.zeros_(self.model.bias)
        groups = [
            {"params": [self.model.weight], "weight_decay": l2},
            {"params": [self.model.bias]},
        ]
        self.sgd = torch.optim.SGD(groups, RATES[0], **options)
        self.clip_value = clip_value

    def train(self, rate, x, y):
        for group in self.sgd.param_groups:
            group["lr"] = rate
        logit = self.model(torch.tensor(x))
        self.sgd.zero_grad()
        torch.nn.BCEWithLogitsLoss()(logit, torch.tensor([y])).backward()
        if self.clip_value:
            torch.nn.utils.clip_grad_value_(self.model.parameters(), self.clip_value)
        self.sgd.step()
        return *self.model.weight.detach().numpy()[0], self.model.bias.item()


class Optax:
    """A chain of transformations, whose output is multiplied by the rate."""

    def __init__(self, *chain):
        self.chain = optax.chain(*chain)
        self.parameters = {"w": np.zeros(FEATURES), "b": np.zeros(())}
        self.state = self.chain.init(self.parameters)

    def train(self, rate, x, y):
        def loss(parameters):
            logit = parameters["w"] @ x + parameters["b"]
            return optax.sigmoid_binary_cross_entropy(logit, y)

        gradient = jax.grad(loss)(self.parameters)
        update, self.state = self.chain.update(gradient, self.state, self.parameters)
        update = jax.tree.map(lambda update: -rate * update, update)
        self.parameters = optax.apply_updates(self.parameters, update)
        return *self.parameters["w"], self.parameters["b"]


class ScikitLearn:
    """Trains from 0 with all samples so far, since an average over several calls differs."""

    rates = [0.5] * 24

    def __init__(self, **options):
        self.options = {"loss": "log_loss", "learning_rate": "constant", "eta0": self.rates[0]}
        self.options |= options | {"shuffle": False}
        self.xs, self.ys = [], []

    def train(self, _, x, y):
        self.xs.append(x)
        self.ys.append(y)
        model = SGDClassifier(**self.options)
        model.partial_fit(np.array(self.xs), self.ys, classes=[0.0, 1.0])
        return *model.coef_[0], model.intercept_[0]


WEIGHTS = {"w": True, "b": False}
SETS = {
    "pytorch momentum=0.9": lambda: PyTorch(momentum=0.9),
    "pytorch nesterov=0.9": lambda: PyTorch(momentum=0.9, nesterov=True),
    "pytorch clip_value=0.25": lambda: PyTorch(clip_value=0.25),
    "pytorch l2=0.125 momentum=0.5": lambda: PyTorch(l2=0.125, momentum=0.5),
    "keras keras=0.9": lambda: Keras(momentum=0.9),
    "keras keras_nesterov=0.9": lambda: Keras(momentum=0.9, nesterov=True),
    "keras clip_value=0.25": lambda: Keras(clipvalue=0.25),
    "keras clip_norm=0.375 keras=0.5": lambda: Keras(global_clipnorm=0.375, momentum=0.5),
    "keras keras=0.5 weight_decay=0.125": lambda: Keras(momentum=0.5, weight_decay=0.125),
    "optax clip_norm=0.375": lambda: Optax(optax.clip_by_global_norm(0.375)),
    "optax clip_norm=0.375 l2=0.125 nesterov=0.5": lambda: Optax(
        optax.clip_by_global_norm(0.375),
        optax.add_decayed_weights(0.125, mask=WEIGHTS),
        optax.trace(0.5, nesterov=True),
    ),
    "optax momentum=0.5 weight_decay=0.125": lambda: Optax(
        optax.trace(0.5), optax.add_decayed_weights(0.125, mask=WEIGHTS)
    ),
    "optax momentum=0.5 clip_value=0.25": lambda: Optax(optax.trace(0.5), optax.clip(0.25)),
    "scikit-learn l2=0.125": lambda: ScikitLearn(alpha=0.125),
    "scikit-learn average=0": lambda: ScikitLearn(penalty=None, average=True),
    "scikit-learn average=9": lambda: ScikitLearn(penalty=None, average=10),
}


def set_lines(index, name):
    library, *rules = name.split()
    draw = np.random.default_rng(index)
    # 32-bit floats, so that f32 has the same samples.
    xs = np.float64(np.float32(draw.normal(size=(len(RATES), FEATURES))))
    ys = np.float64(xs.sum(1) + draw.normal(size=len(RATES)) > 0.0)
    yield f"set library={library} rules={';'.join(rules).replace('=', ':')}"
    model = SETS[name]()
    for rate, x, y in zip(getattr(model, "rates", RATES), xs, ys):
        numbers = [rate, *x, y, *model.train(rate, x, y)]
        yield ",".join(repr(float(number)) for number in numbers)


def table():
    yield "# Updates with rules, from 0; Keras in 32 bits"
    yield made_by("rules.py", "keras", "torch", "scikit-learn", "optax", "numpy")
    yield "# rate,x0,x1,x2,y, and after the update w0,w1,w2,bias (of the average)"
    for index, name in enumerate(SETS):
        yield from set_lines(index, name)


write_or_check(TABLE, table())

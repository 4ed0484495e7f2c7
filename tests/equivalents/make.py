"""Writes values/*.txt: the rates of other libraries' schedules, from the real packages.

    python3 -m venv venv && . venv/bin/activate
    pip install keras==3.15.1 jax==0.10.2 optax==0.2.8 torch==2.15.0 timm==1.0.31 \
        transformers==5.24.0 scikit-learn==1.9.1 mpmath==1.3.0
    python make.py            # or: python make.py --check, or: python make.py timm recipes

The expressions are the code of README.md and docs/coming-from.md in the tables between the markers
`<!-- keras -->` and so on. A row with a bare name has no rates. burn's expressions are in
burn/src/main.rs, which has to be compiled: it takes some minutes.

A table is a file. A set of it is the expression and then lines `step rate`: every step from 0 to
102, some later ones, the steps that the row names ("step 121: 0 there, 0.1 here, exact 0.1") and
two on both sides of them. Such a line ends with the exact rate if the row has it; `none` is an
error of the package. `names.txt` has the schedules of each package, which the documents have to
mention.
"""

import collections
import inspect
import json
import logging
import math
import os
import pathlib
import re
import subprocess
import sys
import warnings

os.environ["KERAS_BACKEND"] = "jax"

import jax  # noqa: E402
import keras  # noqa: E402
import mpmath  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402
import sklearn.linear_model  # noqa: E402
import timm.scheduler  # noqa: E402
import torch  # noqa: E402
import transformers.optimization  # noqa: E402

warnings.simplefilter("ignore")
logging.disable()
mpmath.mp.dps = 40

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "docs" / "coming-from.md"]
PACKAGES = ["keras", "pytorch", "optax", "timm", "transformers", "scikit-learn", "burn", "recipes"]
# Every step up to the last edge of most rows, both sides of the later edges, and two far away.
STEPS = [*range(103), 109, 110, 111, 120, 149, 150, 151, 200, 1000]


def factor(step):
    return 0.99**step


def cycle(steps):
    return dict(init_value=0.1, peak_value=0.1, warmup_steps=0, decay_steps=steps, end_value=0)


def jit(schedule):
    """As XLA compiles it in 32 bits, which is JAX' default."""
    compiled = jax.jit(schedule)

    def rate(step):
        with jax.enable_x64(False):
            return compiled(np.int32(step))

    return rate


def jump(scheduler):
    """PyTorch's `step(epoch)`, without the steps before it."""

    def rate(step):
        scheduler.step(step)
        return scheduler.get_last_lr()[0]

    return rate


def epochs(callback, batches):
    """The rate that a callback of Keras sets at the beginning of an epoch."""
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.1))
    callback.set_model(model)

    def rate(step):
        callback.on_epoch_begin(step // batches)
        return model.optimizer.learning_rate.numpy()

    return rate


def updates(classifier):
    """The rate of each update of scikit-learn, from 0: a sample of zeros moves only the bias."""
    rates = []
    for step in range(max(STEPS) + 1):
        classes = None if step else [0, 1]
        classifier.partial_fit(np.zeros((1, 1)), [1], classes=classes)
        rates.append(classifier.intercept_[0] / 0.5)  # the residual of p = 1/2
        classifier.intercept_[:] = 0.0
    return lambda step: rates[step]


def recursive(scheduler, opt, steps):
    rates = {}
    for step in range(max(steps) + 1):
        rates[step] = opt.param_groups[0]["lr"]
        opt.step()
        try:
            scheduler.step()
        except ValueError:  # the schedule is over
            break
    return rates.get


def rates(expression, steps):
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1, momentum=0.9)
    opt.step()
    modules = dict(
        keras=keras.optimizers.schedules,
        torch=torch.optim.lr_scheduler,
        optax=optax,
        timm=timm.scheduler,
        transformers=transformers.optimization,
        sklearn=sklearn.linear_model,
    )
    names = dict(opt=opt, factor=factor, jit=jit, jump=jump, epochs=epochs, math=math)
    names.update(LearningRateScheduler=keras.callbacks.LearningRateScheduler)
    names.update(cycles=[cycle(10), cycle(20)])
    # Only the recipes write the package before a name.
    unprefixed = collections.ChainMap(*map(vars, modules.values()))
    schedule = eval(expression, dict(unprefixed) | modules | names)
    if isinstance(schedule, torch.optim.lr_scheduler.LRScheduler):
        schedule = recursive(schedule, opt, steps)
    elif isinstance(schedule, timm.scheduler.scheduler.Scheduler):
        scheduler = schedule

        def schedule(step):
            scheduler.step(step)
            return opt.param_groups[0]["lr"]

    elif isinstance(schedule, sklearn.linear_model.SGDClassifier):
        schedule = updates(schedule)
    # Keras computes in 32 bits, as it does for its users; Optax in 64, to compare tightly.
    with jax.enable_x64(not isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule)):
        return [schedule(step) for step in steps]


def half_cosine(fraction):
    return mpmath.sin(mpmath.pi / 2 * (1 - fraction)) ** 2


def restarts(step, length, factor):
    while step >= length:
        step, length = step - length, length * factor
    return half_cosine(mpmath.mpf(step) / length) / 10


# The published formulas of the rows where a package is wrong.
EXACT = {
    "ExponentialDecay(0.1, 16777217, 0.5, staircase=True)": (
        lambda step: mpmath.mpf(2) ** -(step // 16777217) / 10
    ),
    "CosineDecay(0.1, 1000000)": lambda step: half_cosine(mpmath.mpf(step) / 1000000) / 10,
    "CosineDecayRestarts(0.1, 10)": lambda step: restarts(step, 10, 2),
    "jit(PolynomialDecay(0.1, 3, 0.0, power=0.5))": lambda step: mpmath.mpf(0),
    "jump(CosineAnnealingWarmRestarts(opt, 1, 3))": lambda step: restarts(step, 1, 3),
    "jit(exponential_decay(0.1, 41, 0.5, staircase=True))": (
        lambda step: mpmath.mpf(2) ** -(step // 41) / 10
    ),
    "jit(linear_schedule(0.1, 0.0, 3))": lambda step: mpmath.mpf(0),
    "CosineLRScheduler(opt, 1, cycle_mul=3.0, cycle_limit=9)": lambda step: restarts(step, 1, 3),
}


def rows(package):
    """The expression of each row, and the steps that it names."""
    for document in DOCUMENTS:
        text = document.read_text()
        table = re.search(rf"<!-- {package} -->\n(.*?)<!-- end -->", text, re.DOTALL)
        for line in table.group(1).splitlines()[2:] if table else ():
            code = re.search(r"`([^`]*)`", line).group(1)
            if not re.fullmatch(r"\w+", code):
                yield code, [int(step) for step in re.findall(r"step (\d+):", line)]


def lines(package):
    for expression, named in rows(package):
        yield expression
        steps = sorted({*STEPS, *(step for n in named for step in range(max(n - 2, 0), n + 3))})
        for step, rate in zip(steps, rates(expression, steps)):
            exact = EXACT.get(expression) if step in named else None
            rate = "none" if rate is None else str(np.asarray(rate)[()])
            yield f"{step} {rate} {mpmath.nstr(exact(step), 17)}" if exact else f"{step} {rate}"
        yield ""


def table(package):
    if package == "burn":
        command = ["cargo", "run", "--quiet", "--release", "--", *map(str, STEPS)]
        return subprocess.check_output(command, cwd=HERE / "burn", text=True)
    return "\n".join(lines(package))


def names():
    def subclasses(module, base):
        return [
            name
            for name, value in vars(module).items()
            if name[0] != "_" and inspect.isclass(value) and base in value.__mro__[1:]
        ]

    command = ["cargo", "metadata", "--format-version", "1"]
    metadata = json.loads(subprocess.check_output(command, cwd=HERE / "burn"))
    burn = "".join(
        source.read_text()
        for package in metadata["packages"]
        if package["name"] == "burn-optim"
        for source in pathlib.Path(package["manifest_path"]).parent.glob("src/lr_scheduler/*")
    )
    classifier = sklearn.linear_model.SGDClassifier
    lists = {
        "keras": [name for name in vars(keras.optimizers.schedules) if "Decay" in name]
        + ["LearningRateScheduler", "ReduceLROnPlateau"],
        "pytorch": subclasses(torch.optim.lr_scheduler, torch.optim.lr_scheduler.LRScheduler),
        "optax": [n for n in vars(optax.schedules) if re.search("[a-z]_(schedules?|decay)$", n)],
        "timm": subclasses(timm.scheduler, timm.scheduler.scheduler.Scheduler),
        "transformers": [
            function.__name__
            for function in transformers.optimization.TYPE_TO_SCHEDULER_FUNCTION.values()
        ],
        "scikit-learn": classifier._parameter_constraints["learning_rate"][0].options,
        "burn": re.findall(r"pub struct (\w*Lr\w*)Config", burn),
    }
    for package, members in lists.items():
        yield from (f"{package} {name}" for name in sorted(set(members)))


arguments = sys.argv[1:]
check = "--check" in arguments
chosen = [argument for argument in arguments if argument != "--check"] or [*PACKAGES, "names"]
for name in chosen:
    text = "\n".join([*names(), ""]) if name == "names" else table(name)
    file = HERE / "values" / f"{name}.txt"
    if not check:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    elif text != file.read_text():
        sys.exit(f"{file} differs")

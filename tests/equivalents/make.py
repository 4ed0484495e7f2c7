"""Writes values.txt: the rates of the schedules that README.md compares with this crate's.

    python3 -m venv venv && . venv/bin/activate
    pip install keras==3.15.1 jax==0.10.2 optax==0.2.8 torch==2.15.0
    python make.py            # or: python make.py --check

Every expression is the first cell of a row of README.md, in the tables between the markers
`<!-- keras -->`, `<!-- pytorch -->` and `<!-- optax -->`. It is evaluated with the real package.
"""

import os
import pathlib
import re
import sys

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"

import keras  # noqa: E402
import optax  # noqa: E402
import torch  # noqa: E402

HERE = pathlib.Path(__file__).parent
README = HERE.parent.parent / "README.md"
# Both sides of every edge: 5, 10, 29, 30, 50, 60, 70, 99, 100 and 150; and steps far away.
STEPS = sorted(
    set(range(13))
    | {edge + offset for edge in (30, 50, 60, 70, 100, 150) for offset in (-2, -1, 0, 1, 2)}
    | {15, 20, 40, 80, 200, 1000}
)


def factor(step):
    return 0.99**step


def keras_rates(expression):
    names = dict(vars(keras.optimizers.schedules))
    schedule = eval(expression, names)
    return [float(schedule(step)) for step in STEPS]


def optax_rates(expression):
    def cycle(steps):
        return dict(init_value=0.1, peak_value=0.1, warmup_steps=0, decay_steps=steps, end_value=0)

    names = dict(vars(optax), cycles=[cycle(10), cycle(20)])
    schedule = eval(expression, names)
    return [float(schedule(step)) for step in STEPS]


def pytorch_rates(expression):
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    names = dict(vars(torch.optim.lr_scheduler), opt=opt, factor=factor)
    scheduler = eval(expression, names)
    rates = {}
    for step in range(max(STEPS) + 1):
        rates[step] = opt.param_groups[0]["lr"]
        opt.step()
        try:
            scheduler.step()
        except ValueError:  # the schedule is over
            break
    return [rates.get(step) for step in STEPS]


def expressions(name):
    table = re.search(rf"<!-- {name} -->\n(.*?)<!-- end -->", README.read_text(), re.DOTALL)
    return re.findall(r"^\| `([^`]*)` \|", table.group(1), re.MULTILINE)


def values():
    for name, rates in [
        ("keras", keras_rates),
        ("pytorch", pytorch_rates),
        ("optax", optax_rates),
    ]:
        for expression in expressions(name):
            yield f"{name} {expression}"
            for step, rate in zip(STEPS, rates(expression)):
                yield f"{step} {'none' if rate is None else format(float(rate), '.9g')}"
            yield ""


text = "\n".join(values())
if "--check" in sys.argv:
    sys.exit(text != (HERE / "values.txt").read_text())
(HERE / "values.txt").write_text(text)

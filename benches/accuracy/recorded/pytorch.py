"""Writes torch.csv: what PyTorch's schedulers say in f64. Needs torch==2.15.0, and nothing else.

python3 -m venv venv && venv/bin/pip install torch==2.15.0 && venv/bin/python pytorch.py
"""

import pathlib

import torch
from torch.optim import lr_scheduler as s

LAST = 2000


def lines(parameters, scheduler, last=LAST):
    """One parameter set: the rate of every 41st step, and next to the first and the last."""
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=parameters["initial_learning_rate"])
    schedule = scheduler(optimizer)
    yield "set " + " ".join(f"{key}={value}" for key, value in parameters.items())
    for step in range(last + 1):
        if step % 41 == 0 or min(step, last - step) < 5:
            yield f"{step},{schedule.get_last_lr()[0]!r}"
        optimizer.step()
        schedule.step()


def sets():
    for initial in [0.1, 0.3]:
        rate = {"initial_learning_rate": initial}
        for gamma in [0.95, 0.99, 0.999]:
            decay = {"schedule": "exponential", **rate, "decay_rate": gamma}
            yield from lines({**decay, "decay_steps": 1}, lambda o: s.ExponentialLR(o, gamma))
            stairs = {**decay, "decay_steps": 30, "staircase": "true"}
            yield from lines(stairs, lambda o: s.StepLR(o, 30, gamma))
        for steps in [41, 100, 500, 1000]:
            length = {**rate, "decay_steps": steps}
            ramp = {"schedule": "polynomial", **length, "end_learning_rate": 0}
            yield from lines(ramp, lambda o: s.LinearLR(o, 1.0, 0.0, steps))
            for power in [0.5, 2.0, 3.0]:
                yield from lines(
                    {**ramp, "power": power}, lambda o: s.PolynomialLR(o, steps, power)
                )
            cosine = {"schedule": "cosine", **length}
            yield from lines(cosine, lambda o: s.CosineAnnealingLR(o, steps), steps)
            for factor in [1, 2, 3]:
                first = {"first_decay_steps": steps, "t_mul": factor}
                restarts = {"schedule": "cosine_restarts", **rate, **first}
                yield from lines(
                    restarts, lambda o: s.CosineAnnealingWarmRestarts(o, steps, factor)
                )


if __name__ == "__main__":
    header = f"# PyTorch {torch.__version__.split('+')[0]}, made by pytorch.py; f64\n# step,rate\n"
    path = pathlib.Path(__file__).with_name("torch.csv")
    path.write_text(header + "\n".join(sets()) + "\n")

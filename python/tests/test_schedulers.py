"""Schedules of learning rates against their closed forms."""

import math

import numpy as np
import pytest

import swiftconv as sc
from swiftconv.optim import lr_scheduler


def optimizer(make=sc.optim.SGD, **options):
    """One with two groups, of learning rates 1 and 0.25."""
    groups = [{"params": [sc.zeros(1)]}, {"params": [sc.zeros(1)], "lr": 0.25}]
    return make(groups, lr=1.0, **options)


def rates(schedule, steps):
    """The learning rates of both groups, at first and after each step."""
    found = []
    for _ in range(steps):
        found.append(schedule.get_last_lr())
        assert found[-1] == [group["lr"] for group in schedule.optimizer.param_groups]
        schedule.step()
    return np.array(found)


CASES = {
    "StepLR": (lambda o: lr_scheduler.StepLR(o, 3, 0.5), lambda t: 0.5 ** (t // 3)),
    "MultiStepLR": (
        lambda o: lr_scheduler.MultiStepLR(o, [8, 2, 2], 0.5),
        lambda t: 0.5 ** ((t >= 2) * 2 + (t >= 8)),
    ),
    "ExponentialLR": (lambda o: lr_scheduler.ExponentialLR(o, 0.9), lambda t: 0.9**t),
    "CosineAnnealingLR": (
        lambda o: lr_scheduler.CosineAnnealingLR(o, 5),
        lambda t: (1 + math.cos(math.pi * t / 5)) / 2,
    ),
    "LambdaLR": (lambda o: lr_scheduler.LambdaLR(o, lambda t: 1 / (t + 1)), lambda t: 1 / (t + 1)),
}


@pytest.mark.parametrize("name", CASES)
def test_closed_form(name):
    make, factor = CASES[name]
    expected = np.array([[factor(t), 0.25 * factor(t)] for t in range(12)])
    np.testing.assert_allclose(rates(make(optimizer()), 12), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_state_goes_on(name):
    make, _ = CASES[name]
    expected = rates(make(optimizer()), 9)
    first = optimizer()
    schedule = make(first)
    for _ in range(4):
        schedule.step()
    second = optimizer()
    second.load_state_dict(first.state_dict())
    resumed = make(optimizer())
    resumed.optimizer = second
    resumed.load_state_dict(schedule.state_dict())
    assert "optimizer" not in schedule.state_dict()
    assert resumed.get_last_lr() == schedule.get_last_lr()
    np.testing.assert_allclose(rates(resumed, 5), expected[4:], rtol=1e-12)
    # Made anew, it goes on where `last_epoch` says.
    third = optimizer()
    third.load_state_dict(first.state_dict())
    remade = {
        "StepLR": lambda: lr_scheduler.StepLR(third, 3, 0.5, last_epoch=4),
        "MultiStepLR": lambda: lr_scheduler.MultiStepLR(third, [8, 2, 2], 0.5, last_epoch=4),
        "ExponentialLR": lambda: lr_scheduler.ExponentialLR(third, 0.9, last_epoch=4),
        "CosineAnnealingLR": lambda: lr_scheduler.CosineAnnealingLR(third, 5, last_epoch=4),
        "LambdaLR": lambda: lr_scheduler.LambdaLR(third, lambda t: 1 / (t + 1), last_epoch=4),
    }[name]()
    np.testing.assert_allclose(rates(remade, 4), expected[5:], rtol=1e-12, atol=1e-14)


def test_cosine_with_an_end_above_zero():
    schedule = lr_scheduler.CosineAnnealingLR(optimizer(), T_max=4, eta_min=0.1)
    expected = [[0.1 + (base - 0.1) * (1 + math.cos(math.pi * t / 4)) / 2 for base in (1, 0.25)] for t in range(12)]
    np.testing.assert_allclose(rates(schedule, 12), expected, rtol=1e-12)


def test_a_function_for_each_group():
    schedule = lr_scheduler.LambdaLR(optimizer(), [lambda t: 1.0, lambda t: t + 1.0])
    assert rates(schedule, 3).tolist() == [[1, 0.25], [1, 0.5], [1, 0.75]]
    with pytest.raises(ValueError, match="LambdaLR: expected 2 functions"):
        lr_scheduler.LambdaLR(optimizer(), [lambda t: 1.0])


def test_schedules_together():
    made = optimizer()
    schedules = lr_scheduler.ExponentialLR(made, 0.5), lr_scheduler.StepLR(made, 2, 0.1)
    for _ in range(2):
        for schedule in schedules:
            schedule.step()
    np.testing.assert_allclose([group["lr"] for group in made.param_groups], [0.025, 0.00625])


def one_cycle(t, total=20, top=2.0, part=0.3, shape="cos"):
    low, last = top / 25, top / 25 / 1e4
    turn = part * total - 1

    def between(start, end, share):
        return start + (end - start) * (share if shape == "linear" else (1 - math.cos(math.pi * share)) / 2)

    return between(low, top, t / turn) if t <= turn else between(top, last, (t - turn) / (total - 1 - turn))


@pytest.mark.parametrize("shape", ["cos", "linear"])
def test_one_cycle(shape):
    made = optimizer(momentum=0.9)
    schedule = lr_scheduler.OneCycleLR(made, max_lr=2.0, total_steps=20, anneal_strategy=shape)
    found, momentum = [], []
    for step in range(20):
        found.append(schedule.get_last_lr()[0])
        momentum.append(made.param_groups[1]["momentum"])
        if step < 19:
            schedule.step()
    np.testing.assert_allclose(found, [one_cycle(t, shape=shape) for t in range(20)], rtol=1e-9)
    assert (momentum[0], min(momentum), momentum[-1]) == pytest.approx((0.95, 0.85, 0.95))
    assert int(np.argmax(found)) == int(np.argmin(momentum)) == 5
    # A loop that calls `step` after every batch does so after the last one, too.
    schedule.step()
    with pytest.raises(ValueError, match="step was called more often than total_steps=20"):
        schedule.step()


def test_one_cycle_of_adam_in_three_phases():
    made = optimizer(sc.optim.Adam)
    schedule = lr_scheduler.OneCycleLR(made, max_lr=[2.0, 1.0], epochs=4, steps_per_epoch=5, three_phase=True)
    found = rates(schedule, 19)
    np.testing.assert_allclose(found[:, 0], 2 * found[:, 1])
    np.testing.assert_allclose(found[[0, 5, 10], 0], [0.08, 2.0, 0.08])
    assert made.param_groups[0]["betas"][1] == 0.999
    assert schedule.get_last_lr() == pytest.approx([0.08 / 1e4, 0.04 / 1e4])


def test_one_cycle_without_momentum():
    with pytest.raises(ValueError, match="the optimizer has no momentum; give cycle_momentum=False"):
        lr_scheduler.OneCycleLR(Plain([sc.zeros(1)]), max_lr=1.0, total_steps=5)
    schedule = lr_scheduler.OneCycleLR(Plain([sc.zeros(1)]), max_lr=1.0, total_steps=5, cycle_momentum=False)
    schedule.step()


class Plain(sc.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {"lr": 0.1})


@pytest.mark.parametrize(
    ("call", "exception", "text"),
    [
        (lambda o: lr_scheduler.StepLR(o, 0), ValueError, "StepLR: step_size must be positive"),
        (lambda o: lr_scheduler.CosineAnnealingLR(o, 0), ValueError, "CosineAnnealingLR: T_max must be positive"),
        (lambda o: lr_scheduler.OneCycleLR(o, 1.0), ValueError, "OneCycleLR: give total_steps"),
        (lambda o: lr_scheduler.OneCycleLR(o, 1.0, 0), ValueError, "at least one step"),
        (lambda o: lr_scheduler.OneCycleLR(o, 1.0, 5, pct_start=2), ValueError, "pct_start must be from 0 to 1"),
        (lambda o: lr_scheduler.OneCycleLR(o, 1.0, 5, anneal_strategy="x"), ValueError, "anneal_strategy must be"),
        (lambda o: lr_scheduler.OneCycleLR(o, [1.0], 5), ValueError, "expected 2 values of max_lr"),
        (lambda o: lr_scheduler.StepLR(o, 1, last_epoch=3), KeyError, "needs 'initial_lr'"),
        (lambda o: lr_scheduler.StepLR([o], 1), TypeError, "StepLR: expected an Optimizer, got list"),
    ],
)
def test_errors(call, exception, text):
    with pytest.raises(exception, match=text):
        call(optimizer())

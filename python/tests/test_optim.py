"""Optimizers against their formulas, written in NumPy."""

import copy

import numpy as np
import pytest

import swiftconv as sc
from swiftconv import nn, optim

STEPS = 7


def gradients(rng, shape):
    return rng.normal(size=(STEPS, *shape))


def trained(make, start, steps):
    """What an optimizer makes of a parameter."""
    parameter = sc.tensor(start, requires_grad=True)
    optimizer = make([parameter])
    for gradient in steps:
        parameter.grad = sc.tensor(gradient)
        optimizer.step()
    return parameter.detach().numpy()


def sgd(w, steps, lr, momentum=0.0, dampening=0.0, decay=0.0, nesterov=False):
    velocity = None
    for g in steps:
        g = g + decay * w
        if momentum:
            velocity = g if velocity is None else momentum * velocity + (1 - dampening) * g
            g = g + momentum * velocity if nesterov else velocity
        w = w - lr * g
    return w


def adam(w, steps, lr, betas=(0.9, 0.999), eps=1e-8, decay=0.0, decoupled=False, amsgrad=False):
    m = v = top = 0.0
    for t, g in enumerate(steps, 1):
        if decoupled:
            w = w * (1 - lr * decay)
        else:
            g = g + decay * w
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        top = np.maximum(top, v)
        size = (top if amsgrad else v) / (1 - betas[1] ** t)
        w = w - lr * (m / (1 - betas[0] ** t)) / (np.sqrt(size) + eps)
    return w


def rmsprop(w, steps, lr, alpha=0.99, eps=1e-8, decay=0.0, momentum=0.0, centered=False):
    v = mean = velocity = 0.0
    for g in steps:
        g = g + decay * w
        v = alpha * v + (1 - alpha) * g**2
        mean = alpha * mean + (1 - alpha) * g
        step = g / (np.sqrt(v - mean**2 if centered else v) + eps)
        velocity = momentum * velocity + step
        w = w - lr * velocity
    return w


CASES = {
    "SGD": (lambda p: optim.SGD(p, 0.1), lambda w, g: sgd(w, g, 0.1)),
    "SGD momentum": (lambda p: optim.SGD(p, 0.1, 0.9, 0.3, 0.01), lambda w, g: sgd(w, g, 0.1, 0.9, 0.3, 0.01)),
    "SGD nesterov": (
        lambda p: optim.SGD(p, 0.1, momentum=0.8, nesterov=True),
        lambda w, g: sgd(w, g, 0.1, 0.8, nesterov=True),
    ),
    "SGD maximize": (lambda p: optim.SGD(p, 0.1, maximize=True), lambda w, g: sgd(w, -g, 0.1)),
    "Adam": (lambda p: optim.Adam(p, 0.1), lambda w, g: adam(w, g, 0.1)),
    "Adam options": (
        lambda p: optim.Adam(p, 0.1, (0.5, 0.7), 1e-3, 0.1, True),
        lambda w, g: adam(w, g, 0.1, (0.5, 0.7), 1e-3, 0.1, amsgrad=True),
    ),
    "Adam maximize": (lambda p: optim.Adam(p, 0.1, maximize=True), lambda w, g: adam(w, -g, 0.1)),
    "AdamW": (lambda p: optim.AdamW(p, 0.1), lambda w, g: adam(w, g, 0.1, decay=0.01, decoupled=True)),
    "AdamW decay": (
        lambda p: optim.AdamW(p, 0.1, weight_decay=0.3),
        lambda w, g: adam(w, g, 0.1, decay=0.3, decoupled=True),
    ),
    "RMSprop": (lambda p: optim.RMSprop(p), lambda w, g: rmsprop(w, g, 0.01)),
    "RMSprop options": (
        lambda p: optim.RMSprop(p, 0.1, 0.8, 1e-3, 0.1, 0.9, True),
        lambda w, g: rmsprop(w, g, 0.1, 0.8, 1e-3, 0.1, 0.9, True),
    ),
    "RMSprop maximize": (lambda p: optim.RMSprop(p, 0.1, maximize=True), lambda w, g: rmsprop(w, -g, 0.1)),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("shape", [(5,), (2, 3), ()])
def test_formula(name, shape, rng):
    make, formula = CASES[name]
    start, steps = rng.normal(size=shape), gradients(rng, shape)
    np.testing.assert_allclose(trained(make, start, steps), formula(start, steps), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_float32_and_strides(name, rng):
    make, formula = CASES[name]
    start, steps = rng.normal(size=(4, 3)), gradients(rng, (4, 3))
    parameter = sc.from_numpy(np.asfortranarray(start.astype(np.float32))).requires_grad_()
    optimizer = make([parameter])
    for gradient in steps:
        parameter.grad = sc.from_numpy(gradient.astype(np.float32)[::-1, ::-1])
        optimizer.step()
    assert parameter.dtype is sc.float32
    np.testing.assert_allclose(parameter.detach().numpy(), formula(start, steps[:, ::-1, ::-1]), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", CASES)
def test_threads_share_large_parameters(name, rng):
    make, formula = CASES[name]
    start, steps = rng.normal(size=(3, 33333)), gradients(rng, (3, 33333))
    before = sc.get_num_threads()
    try:
        results = []
        for threads in (1, 3):
            sc.set_num_threads(threads)
            results.append(trained(make, start, steps))
    finally:
        sc.set_num_threads(before)
    np.testing.assert_array_equal(*results)
    np.testing.assert_allclose(results[0], formula(start, steps), rtol=1e-9, atol=1e-11)


def test_running_values_must_fit():
    step = sc._core.operators["descent_step"]
    x = sc.ones(3)

    def call(gradient, *velocity):
        sc._core.apply_in_place(step, x, [gradient, *velocity], 0.1, 0.9, 0.0, 0.0, False, False, False)

    with pytest.raises(TypeError, match="descent_step: the parameter is float32, .* float64"):
        call(sc.ones(3, dtype=sc.float64))
    with pytest.raises(ValueError, match=r"descent_step: the parameter has shape \(3,\), .* \(2,\)"):
        call(sc.ones(3), sc.ones(2))
    with pytest.raises(ValueError, match="descent_step: a running value is on memory that cannot be written"):
        call(sc.ones(3), sc.zeros(1).expand(3))
    with pytest.raises(TypeError, match="descent_step: got 4 tensors"):
        call(sc.ones(3), sc.ones(3), sc.ones(3))
    assert x.tolist() == [1, 1, 1]


@pytest.mark.parametrize("name", CASES)
def test_state_goes_on(name, rng):
    """Saving and loading in the middle changes nothing, and the loaded state is a copy."""
    make, _ = CASES[name]
    start, steps = rng.normal(size=(3,)), gradients(rng, (3,))
    expected = trained(make, start, steps)
    first = sc.tensor(start, requires_grad=True)
    optimizer = make([first])
    for gradient in steps[:4]:
        first.grad = sc.from_numpy(gradient)
        optimizer.step()
    second = first.detach().clone().requires_grad_()
    other = make([second])
    other.load_state_dict(optimizer.state_dict())
    first.grad = sc.ones(3, dtype=sc.float64)
    optimizer.step()
    for gradient in steps[4:]:
        second.grad = sc.from_numpy(gradient)
        other.step()
    np.testing.assert_allclose(second.detach().numpy(), expected, rtol=1e-13)


def test_groups():
    a, b = sc.ones(2, requires_grad=True), sc.ones(2, requires_grad=True)
    optimizer = optim.Adam([{"params": [a]}, {"params": b, "lr": 0.5, "betas": (0.0, 0.9)}], lr=0.1)
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.5]
    a.grad, b.grad = sc.ones(2), sc.ones(2)
    optimizer.step()
    np.testing.assert_allclose(a.detach().numpy(), 0.9, rtol=1e-6)
    np.testing.assert_allclose(b.detach().numpy(), 0.5, rtol=1e-6)
    optimizer.add_param_group({"params": [sc.zeros(1, requires_grad=True)], "weight_decay": 0.1})
    assert len(optimizer.param_groups) == 3
    state = optimizer.state_dict()
    assert [group["params"] for group in state["param_groups"]] == [[0], [1], [2]]
    assert set(state["state"]) == {0, 1}
    assert set(state["state"][0]) == {"step", "exp_avg", "exp_avg_sq"}


def test_a_parameter_without_gradient_stays():
    a, b = sc.ones(2, requires_grad=True), sc.ones(2, requires_grad=True)
    a.grad = sc.ones(2)
    for make in (optim.Adam, optim.AdamW, optim.RMSprop):
        optimizer = make([a, b], lr=0.1)
        optimizer.step()
        assert b.tolist() == [1, 1]
        assert len(optimizer.state) == 1


def test_identity_and_graph():
    x = sc.ones(2, requires_grad=True)
    address = x.data_ptr()
    for make in (optim.Adam, optim.RMSprop):
        optimizer = make([x], lr=0.1)
        optimizer.zero_grad()
        (x * x).sum().backward()
        optimizer.step()
        assert x.is_leaf
        assert x.requires_grad
        assert x.data_ptr() == address
        assert not any(
            isinstance(value, sc.Tensor) and value.requires_grad
            for state in optimizer.state.values()
            for value in state.values()
        )


def test_closure():
    x = sc.tensor([3.0], requires_grad=True)
    optimizer = optim.Adam([x], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (x * x).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 9


@pytest.mark.parametrize("make", [optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop])
def test_finds_a_minimum(make):
    target = sc.tensor([1.0, -2.0, 3.0])
    x = sc.zeros(3, requires_grad=True)
    optimizer = make([x], lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        ((x - target) ** 2).sum().backward()
        optimizer.step()
    np.testing.assert_allclose(x.detach().numpy(), target.numpy(), atol=0.15)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: optim.Adam([x], lr=-1), "Adam: lr must not be negative"),
        (lambda x: optim.Adam([x], lr=float("nan")), "Adam: lr must not be negative"),
        (lambda x: optim.AdamW([x], betas=(1.0, 0.9)), "AdamW: betas must be"),
        (lambda x: optim.Adam([x], eps=-1), "Adam: eps"),
        (lambda x: optim.RMSprop([x], momentum=-1), "RMSprop: momentum"),
        (lambda x: optim.Adam([]), "Adam: got an empty parameter list"),
        (lambda x: optim.Adam([x, x * 2]), "Adam: can only optimize leaves"),
        (lambda x: optim.RMSprop([{"params": [x]}, {"params": [x]}]), "RMSprop: a parameter appears in more than one"),
    ],
)
def test_errors(call, text):
    with pytest.raises(ValueError, match=text):
        call(sc.ones(1, requires_grad=True))


def test_text():
    text = repr(optim.RMSprop([sc.ones(1)]))
    assert text.startswith(
        "RMSprop (\nParameter Group 0\n    alpha: 0.99\n    centered: False\n    eps: 1e-08\n    lr: 0.01"
    )


# ---- nn.utils --------------------------------------------------------------------------------------------------------


def with_gradients(*values):
    result = []
    for each in values:
        parameter = sc.zeros(len(each), requires_grad=True)
        parameter.grad = sc.tensor(each)
        result.append(parameter)
    return result


@pytest.mark.parametrize(("order", "norm"), [(2.0, 13.0), (1, 19.0), (float("inf"), 12.0)])
def test_clip_norm(order, norm):
    parameters = [*with_gradients([3.0, 4.0], [-12.0]), sc.zeros(2, requires_grad=True)]
    assert nn.utils.clip_grad_norm_(parameters, 100.0, order).item() == norm
    assert parameters[0].grad.tolist() == [3, 4]
    assert nn.utils.clip_grad_norm_(parameters, 1.0, order).item() == norm
    np.testing.assert_allclose(parameters[1].grad.numpy(), [-12 / norm], rtol=1e-5)
    np.testing.assert_allclose(nn.utils.clip_grad_norm_(parameters, 5.0, order).item(), 1.0, rtol=1e-5)


def test_clip_norm_of_nothing_and_of_infinity():
    assert nn.utils.clip_grad_norm_([sc.zeros(1, requires_grad=True)], 1.0).item() == 0
    assert nn.utils.clip_grad_norm_(with_gradients([0.0, 0.0]), 1.0).item() == 0
    with pytest.raises(RuntimeError, match="the norm of the gradients is inf"):
        nn.utils.clip_grad_norm_(with_gradients([float("inf")]), 1.0, error_if_nonfinite=True)


def test_clip_value():
    parameters = with_gradients([3.0, -0.5], [-7.0])
    nn.utils.clip_grad_value_(parameters, 1.0)
    assert [parameter.grad.tolist() for parameter in parameters] == [[1.0, -0.5], [-1.0]]


def test_parameters_as_a_vector():
    net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1, bias=False))
    vector = nn.utils.parameters_to_vector(net.parameters())
    assert vector.shape == (12,)
    other = copy.deepcopy(net)
    nn.utils.vector_to_parameters(vector.detach() * 2, other.parameters())
    for one, two in zip(net.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(two.detach().numpy(), 2 * one.detach().numpy())
    with pytest.raises(ValueError, match=r"vec has shape \(5,\), expected \(12,\)"):
        nn.utils.vector_to_parameters(sc.ones(5), net.parameters())

"""Hooks on gradients, and the helpers of `autograd.functional`."""

import numpy as np
import pytest

import swiftconv as sc
from swiftconv import autograd
from swiftconv.autograd import functional


def leaf(*values):
    return sc.tensor(values, dtype=sc.float64, requires_grad=True)


# ---- Hooks -----------------------------------------------------------------------------------------------------------


def test_hook_on_a_leaf():
    x, seen = leaf(1, 2), []
    handle = x.register_hook(lambda gradient: seen.append(gradient.tolist()))
    (x * x + x).sum().backward()
    # Once, with the sum of all its parts.
    assert seen == [[3, 5]]
    handle.remove()
    handle.remove()
    (x * x).sum().backward()
    assert len(seen) == 1


def test_hooks_change_gradients_in_order():
    x = leaf(1.0)
    y = x * 2
    y.register_hook(lambda gradient: gradient + 1)
    with y.register_hook(lambda gradient: gradient * 10):
        (y * 3).backward(retain_graph=True)
    assert x.grad.tolist() == [80]
    x.grad = None
    (y * 3).backward()
    assert x.grad.tolist() == [8]


def test_hooks_and_retained_gradients():
    x = leaf(1.0)
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda gradient: gradient * 5)
    y.backward()
    assert y.grad.tolist() == [5]
    assert autograd.grad((x * 2).sum(), x)[0].tolist() == [2]


def test_errors_of_hooks():
    x = leaf(1, 2)
    with pytest.raises(TypeError, match="register_hook: expected a function, got int"):
        x.register_hook(3)
    with pytest.raises(RuntimeError, match="register_hook: the tensor does not require grad"):
        sc.ones(1).register_hook(print)
    for wrong, exception, text in (
        (lambda g: 3, TypeError, "hook: expected None or a Tensor"),
        (lambda g: g.sum(), ValueError, "hook: returned a gradient of shape"),
        (lambda g: g.float(), ValueError, "hook: returned a gradient of shape .* and dtype float32"),
        (lambda g: 1 / 0, ZeroDivisionError, "division"),
    ):
        with x.register_hook(wrong), pytest.raises(exception, match=text):
            x.sum().backward()


# ---- autograd.functional ---------------------------------------------------------------------------------------------

W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def mapped(x):
    return sc.tensor(W) @ x**2


def test_jacobian():
    x = sc.tensor([1.0, 2.0, 3.0], dtype=sc.float64)
    found = functional.jacobian(mapped, x)
    np.testing.assert_allclose(found.numpy(), W * 2 * x.numpy())
    assert not found.requires_grad
    assert not x.requires_grad
    with sc.no_grad():
        np.testing.assert_allclose(functional.jacobian(mapped, x).numpy(), W * 2 * x.numpy())
    matrix = functional.jacobian(lambda x: x.sum(0), sc.ones(2, 3))
    assert matrix.shape == (3, 2, 3)
    assert functional.jacobian(lambda x: x, sc.ones(0)).shape == (0, 0)


def test_jacobian_of_several():
    x, y = sc.tensor([1.0, 2.0]), sc.tensor([3.0])
    found = functional.jacobian(lambda x, y: (x * y, y * y), (x, y))
    assert [[each.tolist() for each in row] for row in found] == [
        [[[3, 0], [0, 3]], [[1], [2]]],
        [[[0, 0]], [[6]]],
    ]
    with pytest.raises(RuntimeError, match="jacobian: the result does not depend on input 0"):
        functional.jacobian(lambda x, y: y * y, (x, y), strict=True)
    with pytest.raises(TypeError, match="jacobian: input 0 is list"):
        functional.jacobian(mapped, ([1.0],))
    with pytest.raises(TypeError, match="jacobian: result 0 is int"):
        functional.jacobian(lambda x: 3, x)


def test_jacobian_can_be_differentiated():
    x = leaf(1, 2, 3)
    found = functional.jacobian(mapped, x, create_graph=True)
    (second,) = autograd.grad(found.sum(), x)
    np.testing.assert_allclose(second.numpy(), 2 * W.sum(0))


def test_hessian():
    x = sc.tensor([1.0, 2.0], dtype=sc.float64)
    found = functional.hessian(lambda x: (x**3).sum() + x[0] * x[1], x)
    assert found.tolist() == [[6, 1], [1, 12]]
    blocks = functional.hessian(lambda x, y: (x * y).sum(), (x, x))
    assert [[block.tolist() for block in row] for row in blocks] == [
        [[[0, 0], [0, 0]], [[1, 0], [0, 1]]],
        [[[1, 0], [0, 1]], [[0, 0], [0, 0]]],
    ]
    with pytest.raises(RuntimeError, match="hessian: the function must return one tensor with one element"):
        functional.hessian(lambda x: x, x)


def test_products_with_vectors():
    x, v = sc.tensor([1.0, 2.0, 3.0], dtype=sc.float64), sc.tensor([1.0, -1.0, 2.0], dtype=sc.float64)
    u = sc.tensor([2.0, 1.0], dtype=sc.float64)
    jacobian = W * 2 * x.numpy()
    values, pulled = functional.vjp(mapped, x, u)
    np.testing.assert_allclose(values.numpy(), W @ x.numpy() ** 2)
    np.testing.assert_allclose(pulled.numpy(), u.numpy() @ jacobian)
    values, pushed = functional.jvp(mapped, x, v)
    np.testing.assert_allclose(pushed.numpy(), jacobian @ v.numpy())
    for product in (functional.hvp, functional.vhp):
        value, found = product(lambda x: (x**3).sum(), x, v)
        assert value.item() == 36
        np.testing.assert_allclose(found.numpy(), 6 * x.numpy() * v.numpy())
    assert functional.vjp(lambda x: x.sum(), x)[1].tolist() == [1, 1, 1]
    with pytest.raises(RuntimeError, match=r"jvp: v has shapes \[\(2,\)\], expected those of the input, \[\(3,\)\]"):
        functional.jvp(mapped, x, u)
    with pytest.raises(RuntimeError, match="vjp: v may only be left out"):
        functional.vjp(mapped, x)

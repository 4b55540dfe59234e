"""`autograd.Function`: results that are arguments modified in place, and results that were not used."""

import numpy as np
import pytest

import swiftconv as sc
from swiftconv import autograd


def leaf(*values):
    return sc.tensor(values, dtype=sc.float64, requires_grad=True)


# ---- In place --------------------------------------------------------------------------------------------------------


class Swell(autograd.Function):
    """Multiplies x by y in place; returns it and what x + y was."""

    @staticmethod
    def forward(ctx, x, y):
        ctx.mark_dirty(x)
        total = x + y
        x.mul_(y)
        ctx.save_for_backward(x, y)
        return x, total

    @staticmethod
    def backward(ctx, gradient, of_total):
        product, y = ctx.saved_tensors
        return gradient * y + of_total, gradient * product / y + of_total


class InPlaceExp(autograd.Function):
    """Replaces x by its exponential, and saves that."""

    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        x.exp_()
        ctx.save_for_backward(x)
        return x

    @staticmethod
    def backward(ctx, gradient):
        (y,) = ctx.saved_tensors
        return gradient * y


@pytest.mark.parametrize("shape", ["a tensor of its own", "a view", "transposed"])
def test_dirty_arguments(shape):
    a = sc.tensor([[2.0, 3.0], [5.0, 7.0]], dtype=sc.float64, requires_grad=True)
    weights = np.array([1.5, 2.5]) if shape == "a view" else np.array([[1.5, 2.5], [3.5, 4.5]])
    b = sc.tensor(weights, requires_grad=True)

    def compute(a, b):
        whole = a * 1
        x = {"a tensor of its own": whole, "a view": whole[0], "transposed": whole.T}[shape]
        product, total = Swell.apply(x, b)
        assert product is x
        return (whole * whole).sum() + (total * b).sum()

    values = a.detach().numpy()
    x = {"a tensor of its own": values, "a view": values[0], "transposed": values.T}[shape]
    product = x * weights
    expected = (values**2).sum() - (x**2).sum() + (product**2).sum() + ((x + weights) * weights).sum()
    assert compute(a, b).item() == pytest.approx(expected, rel=1e-14)
    assert autograd.gradcheck(compute, (a, b))
    assert autograd.gradgradcheck(compute, (a, b))


def test_dirty_arguments_that_are_saved():
    x = leaf(0.5, 1.5)
    assert autograd.gradcheck(lambda x: InPlaceExp.apply(x * 1), (x,))
    y = InPlaceExp.apply(x * 1)
    (gradient,) = autograd.grad(y.sum(), x, create_graph=True)
    (second,) = autograd.grad(gradient.sum(), x)
    np.testing.assert_allclose(second.numpy(), np.exp(x.detach().numpy()), rtol=1e-14)


def test_dirty_arguments_that_required_no_grad():
    x, y = sc.tensor([2.0, 3.0], dtype=sc.float64), leaf(5.0, 7.0)
    product, _ = Swell.apply(x, y)
    assert product is x
    assert x.requires_grad
    product.sum().backward()
    assert y.grad.tolist() == [2, 3]
    plain = sc.tensor([2.0, 3.0], dtype=sc.float64)
    assert Swell.apply(plain, y.detach())[0] is plain
    assert not plain.requires_grad
    assert plain.tolist() == [10, 21]
    with sc.no_grad():
        leafs = leaf(2.0)
        assert Swell.apply(leafs, leaf(3.0))[0] is leafs
    assert leafs.grad_fn is None


# ---- Results without a gradient --------------------------------------------------------------------------------------


@pytest.mark.parametrize("zeros", [True, False])
def test_gradients_of_results_that_were_not_used(zeros):
    seen = []

    class Three(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(zeros)
            place = x.argmax()
            ctx.mark_non_differentiable(place)
            return x * 2, x.reshape(-1, 1) * 3, place

        @staticmethod
        def backward(ctx, double, triple, place):
            seen.append([each if each is None else each.tolist() for each in (double, triple, place)])
            return 3 * triple.reshape(-1)

    x = leaf(1.0, 2.0)
    Three.apply(x)[1].sum().backward()
    # A gradient that is zeros is not a missing one.
    first, second, _ = Three.apply(x)
    (first.sum() * 0 + second.sum()).backward()
    nothing = [[0, 0], 0] if zeros else [None, None]
    ones = [[1], [1]]
    assert seen == [[nothing[0], ones, nothing[1]], [[0, 0], ones, nothing[1]]]

"""`autograd.Function`: operations with a gradient rule of their own."""

import gc
import weakref

import numpy as np
import pytest

import swiftconv as sc
from swiftconv import autograd


def leaf(*values):
    return sc.tensor(values, dtype=sc.float64, requires_grad=True)


class Scale(autograd.Function):
    """Times a number."""

    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x * factor

    @staticmethod
    def backward(ctx, gradient):
        return gradient * ctx.factor, None


class Product(autograd.Function):
    """Two results of two arguments: x y and x + y."""

    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y, x + y

    @staticmethod
    def backward(ctx, of_product, of_sum):
        x, y = ctx.saved_tensors
        return of_product * y + of_sum, of_product * x + of_sum


class Exp(autograd.Function):
    """Saves its result."""

    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, gradient):
        (y,) = ctx.saved_tensors
        return gradient * y


class Cube(autograd.Function):
    """In PyTorch's newer style, with ``setup_context``."""

    @staticmethod
    def forward(x):
        return x**3

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return 3 * gradient * x**2


# ---- What a function does --------------------------------------------------------------------------------------------


def test_an_argument_that_is_no_tensor():
    x = leaf(1, 2)
    y = Scale.apply(x, 3)
    assert y.tolist() == [3, 6]
    assert repr(y.grad_fn) == "<ScaleBackward>"
    assert not y.is_leaf
    y.sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_several_results():
    x, y = leaf(2, 3), leaf(5, 7)
    product, total = Product.apply(x, y)
    (product + 10 * total).sum().backward()
    assert x.grad.tolist() == [15, 17]
    assert y.grad.tolist() == [12, 13]
    x.grad = None
    product, total = Product.apply(x, y)
    total.sum().backward()
    assert x.grad.tolist() == [1, 1]
    assert product.grad_fn is not None


@pytest.mark.parametrize("function", [Exp, Cube, Product, Scale], ids=lambda function: function.__name__)
def test_derivatives(function):
    x = sc.randn(2, 3, dtype=sc.float64).requires_grad_()
    rest = {Product: (sc.randn(2, 3, dtype=sc.float64).requires_grad_(),), Scale: (2.5,)}.get(function, ())
    assert autograd.gradcheck(function.apply, (x, *rest))
    assert autograd.gradgradcheck(function.apply, (x, *rest))


def test_within_a_larger_graph():
    x = leaf(1.0, 2.0)
    y = Exp.apply(Scale.apply(x * 2, 0.5) + 1).sum()
    y.backward()
    np.testing.assert_allclose(x.grad.numpy(), np.exp(x.detach().numpy() + 1))


def test_needs_input_grad():
    seen = []

    class Seen(autograd.Function):
        @staticmethod
        def forward(ctx, *args):
            seen.append(ctx.needs_input_grad)
            return args[0] + args[1]

        @staticmethod
        def backward(ctx, gradient):
            return gradient, gradient, None

    x = leaf(1.0)
    Seen.apply(sc.ones(1, dtype=sc.float64), x, "name").backward()
    assert seen == [(False, True, False)]
    assert x.grad.tolist() == [1]


def test_nothing_is_recorded_without_need():
    x = leaf(1.0)
    with sc.no_grad():
        assert not Exp.apply(x).requires_grad
    assert not Exp.apply(x.detach()).requires_grad
    assert Exp.apply(x).requires_grad


def test_forward_is_not_recorded():
    modes = []

    class Mode(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            modes.append(sc.is_grad_enabled())
            return x * 2

        @staticmethod
        def backward(ctx, gradient):
            modes.append(sc.is_grad_enabled())
            return gradient * 2

    x = leaf(1.0)
    Mode.apply(x).backward()
    autograd.grad(Mode.apply(x), x, create_graph=True)
    assert modes == [False, False, False, True]


def test_results_without_gradient():
    class Largest(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            values, positions = x.max(0)
            order = x * 2
            ctx.mark_non_differentiable(order)
            ctx.position = positions.item()
            ctx.count = len(x)
            return values, positions, order

        @staticmethod
        def backward(ctx, gradient, of_positions, of_order):
            assert of_positions.tolist() == 0
            assert of_positions.dtype is sc.int64
            assert of_order.tolist() == [0.0] * ctx.count
            result = sc.zeros(ctx.count, dtype=sc.float64)
            result[ctx.position] = gradient
            return result

    x = leaf(1, 5, 2)
    values, positions, order = Largest.apply(x)
    assert (values.requires_grad, positions.requires_grad, order.requires_grad) == (True, False, False)
    values.backward()
    assert x.grad.tolist() == [0, 1, 0]


def test_an_argument_or_a_view_as_result():
    class Same(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x, x.reshape(-1)[:1], (x * 1).reshape(2, 1)

        @staticmethod
        def backward(ctx, a, b, c):
            return 10 * a + c.reshape(2)

    x = leaf(1, 2)
    a, b, c = Same.apply(x)
    assert x.is_leaf
    assert a.data_ptr() != x.data_ptr()
    (a.sum() + c.sum()).backward()
    assert x.grad.tolist() == [11, 11]
    y = sc.ones(2, dtype=sc.float64)
    a, _, _ = Same.apply(y * 1)
    a.add_(1)
    assert y.tolist() == [1, 1]


def test_other_results_pass():
    class Tagged(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2, "tag", None

        @staticmethod
        def backward(ctx, gradient, *rest):
            assert rest == (None, None)
            return gradient * 2

    x = leaf(1.0)
    y, tag, nothing = Tagged.apply(x)
    assert (tag, nothing) == ("tag", None)
    y.backward()
    assert x.grad.tolist() == [2]


def test_numpy_inside():
    class Sine(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return sc.from_numpy(np.sin(x.detach().numpy()))

        @staticmethod
        def backward(ctx, gradient):
            (x,) = ctx.saved_tensors
            return gradient * sc.from_numpy(np.cos(x.detach().numpy()))

    x = leaf(0.3, 1.0)
    assert autograd.gradcheck(Sine.apply, x)


def test_saved_values():
    class Keeps(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            between = x * 2
            y = between.exp()
            ctx.save_for_backward(None, between, y, x)
            return y

        @staticmethod
        def backward(ctx, gradient):
            nothing, between, y, x = ctx.saved_tensors
            assert nothing is None
            assert between.tolist() == (2 * x).tolist()
            return 2 * gradient * y

    x = leaf(0.5)
    y = Keeps.apply(x)
    y.backward(retain_graph=True)
    y.backward()
    np.testing.assert_allclose(x.grad.numpy(), 4 * np.exp(1.0))
    with pytest.raises(RuntimeError, match="freed by an earlier backward"):
        y.backward()


def test_graphs_are_freed():
    class Held:
        pass

    def once():
        held = Held()

        class Holds(autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.held = held
                y = x * 2
                ctx.save_for_backward(x, y)
                return y

            @staticmethod
            def backward(ctx, gradient):
                return gradient * 2

        Holds.apply(leaf(1.0))
        return weakref.ref(held)

    found = once()
    gc.collect()
    assert found() is None


def test_backward_frees_what_was_saved():
    class Big:
        pass

    class Holds(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.big = Big()
            seen.append(weakref.ref(ctx.big))
            return x * 2

        @staticmethod
        def backward(ctx, gradient):
            return gradient * 2

    seen = []
    y = Holds.apply(leaf(1.0))
    assert seen[0]() is not None
    y.backward()
    gc.collect()
    assert seen[0]() is None


# ---- Errors ----------------------------------------------------------------------------------------------------------


def made(forward, backward=lambda ctx, gradient: gradient):
    return type("Made", (autograd.Function,), {"forward": staticmethod(forward), "backward": staticmethod(backward)})


def saved(ctx, x):
    ctx.save_for_backward(x)
    return x * 2


def in_place(ctx, x):
    x.add_(1)
    return x * 2


def inner(*values):
    return leaf(*values) * 1


def dirty(result):
    """A function that adds 1 to its argument in place and returns what `result` makes of it."""

    def forward(ctx, x):
        ctx.mark_dirty(x)
        return result(x.add_(1))

    return forward


CAPTURED = leaf(1)

FORWARD_ERRORS = {
    "in place": (in_place, (leaf(1),), RuntimeError, "Made: forward modified an argument that requires grad"),
    "a list": (
        lambda ctx, xs: xs[0] * 2,
        ([leaf(1)],),
        TypeError,
        "argument 0 is a list with tensors that require grad",
    ),
    "a dict": (lambda ctx, xs: xs["x"] * 2, ({"x": leaf(1)},), TypeError, "argument 0 is a dict"),
    "captured": (lambda ctx, x: CAPTURED, (leaf(1),), RuntimeError, "requires grad and is not an argument"),
    "an array": (lambda ctx, x: x.detach().numpy(), (leaf(1),), TypeError, "forward must return a tensor"),
    "a result list": (lambda ctx, x: [x * 2], (leaf(1),), TypeError, "forward must return a tensor or a tuple"),
    "saving a number": (lambda ctx, x: ctx.save_for_backward(3), (leaf(1),), TypeError, "make it an attribute of ctx"),
    "dirty, not returned": (dirty(lambda x: x * 1), (inner(1),), RuntimeError, "mark_dirty is for arguments that"),
    "dirty, no argument": (
        lambda ctx, x: ctx.mark_dirty(y := x * 1) or y,
        (leaf(1),),
        RuntimeError,
        "Made: mark_dirty is for arguments that forward modifies in place and returns",
    ),
    "dirty leaf": (dirty(lambda x: x), (leaf(1),), RuntimeError, "a leaf"),
}


@pytest.mark.parametrize("name", FORWARD_ERRORS)
def test_errors_of_forward(name):
    forward, arguments, exception, text = FORWARD_ERRORS[name]
    with pytest.raises(exception, match=text):
        made(forward).apply(*arguments)


BACKWARD_ERRORS = {
    "too few": (lambda ctx, g: (), RuntimeError, "Made: backward returned 0 gradients, but forward takes 1 argument"),
    "too many": (lambda ctx, g: (g, g), RuntimeError, "Made: backward returned 2 gradients, but forward takes 1"),
    "no tensor": (lambda ctx, g: 3.0, TypeError, "Made: backward returned float for argument 0"),
    "shape": (
        lambda ctx, g: g.sum(),
        ValueError,
        r"MadeBackward: backward returned a gradient of shape \(\) for input 0",
    ),
    "its own": (lambda ctx, g: 1 / 0, ZeroDivisionError, "division by zero"),
}


@pytest.mark.parametrize("name", BACKWARD_ERRORS)
def test_errors_of_backward(name):
    backward, exception, text = BACKWARD_ERRORS[name]
    y = made(lambda ctx, x: x * 2, backward).apply(leaf(1, 2))
    with pytest.raises(exception, match=text):
        y.sum().backward()


def test_more_nones_than_arguments_are_fine():
    x = leaf(1.0)
    made(lambda ctx, x: x * 2, lambda ctx, g: (g, None, None)).apply(x).backward()
    assert x.grad.tolist() == [1]


def test_a_gradient_for_what_is_no_tensor():
    y = made(lambda ctx, x, n: x * n, lambda ctx, g: (g, g)).apply(leaf(1), 2)
    with pytest.raises(RuntimeError, match="a gradient for argument 1, which is not a tensor"):
        y.backward()


def test_missing_methods():
    with pytest.raises(NotImplementedError, match="forward is missing"):
        type("Made", (autograd.Function,), {}).apply(leaf(1))
    made_without = type("Made", (autograd.Function,), {"forward": staticmethod(lambda ctx, x: x * 2)})
    with pytest.raises(NotImplementedError, match="Made: backward is missing"):
        made_without.apply(leaf(1)).backward()


def test_saved_tensors_that_were_modified():
    x = sc.ones(2, dtype=sc.float64, requires_grad=True) * 1
    y = made(saved, lambda ctx, g: g * ctx.saved_tensors[0]).apply(x)
    x.add_(1)
    with pytest.raises(RuntimeError, match=r"a tensor of shape \(2,\) that Made saved was modified by an in-place"):
        y.sum().backward()
    y = Exp.apply(leaf(1.0))
    y.add_(1)
    with pytest.raises(RuntimeError, match="a result that ExpBackward saved was modified by an in-place operation"):
        y.backward()


def test_once_differentiable():
    class Square(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @autograd.once_differentiable
        def backward(ctx, gradient):
            assert not sc.is_grad_enabled()
            return 2 * gradient * ctx.saved_tensors[0]

    x = leaf(3.0)
    Square.apply(x).backward()
    assert x.grad.tolist() == [6]
    (slope,) = autograd.grad(Square.apply(x), x, create_graph=True)
    assert slope.tolist() == [6]
    with pytest.raises(RuntimeError, match="Square: its backward is marked with once_differentiable"):
        slope.backward()

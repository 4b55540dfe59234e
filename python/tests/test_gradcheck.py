"""`gradcheck` and `gradgradcheck` find wrong gradients, and pass right ones."""

import pytest

import swiftconv as sc
from swiftconv.autograd import Function, GradcheckError, gradcheck, gradgradcheck


def leaf(*shape):
    return sc.randn(shape, dtype=sc.float64).requires_grad_()


def with_rule(rule):
    """The square, with a gradient rule of one's own."""

    class Square(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, gradient):
            return rule(gradient, *ctx.saved_tensors)

    return Square.apply


def one_wrong(gradient, x):
    result = 2 * gradient * x
    with sc.no_grad():
        result[1, 2] += 0.5
    return result


@pytest.mark.parametrize("fast", [False, True], ids=["full", "fast"])
def test_right_gradients(fast):
    x, y = leaf(2, 3), leaf(3)
    for function in (lambda x, y: x * y, lambda x, y: (x @ y, y.exp()), lambda x, y: x.sum() * y.prod()):
        assert gradcheck(function, (x, y), fast_mode=fast)
        assert gradgradcheck(function, (x, y), fast_mode=fast)
    assert gradcheck(with_rule(lambda g, x: 2 * g * x), x, fast_mode=fast)
    assert x.grad is None


@pytest.mark.parametrize("fast", [False, True], ids=["full", "fast"])
@pytest.mark.parametrize(
    "rule", [lambda g, x: g * x, lambda g, x: 2 * x, lambda g, x: None, lambda g, x: g * float("nan"), one_wrong]
)
def test_wrong_gradients(rule, fast):
    with pytest.raises(GradcheckError, match="gradcheck: the gradient of output 0 for input 0"):
        gradcheck(with_rule(rule), leaf(2, 3), fast_mode=fast)
    assert gradcheck(with_rule(rule), leaf(2, 3), fast_mode=fast, raise_exception=False) is False


def test_report():
    x = sc.tensor([[1.0, 2.0, 3.0]] * 2, dtype=sc.float64, requires_grad=True)
    with pytest.raises(GradcheckError) as caught:
        gradcheck(lambda z, x: (x * 1, with_rule(one_wrong)(x)), (sc.ones(1), x))
    text = str(caught.value)
    assert "the gradient of output 1 for input 1 of shape (2, 3) is wrong at [1, 2]: backward says" in text
    assert "(1 of 6 elements are off by more than 1e-05 + 0.001 * |difference|" in text


def test_a_lost_gradient_is_found():
    with pytest.raises(GradcheckError, match="backward says 0, differences say"):
        gradcheck(lambda x: x.detach() * 2, leaf(3))
    with pytest.raises(GradcheckError, match="backward says 0, differences say"):
        gradcheck(lambda x, y: x * y.detach(), (leaf(3), leaf(3)))


def test_wrong_second_derivative():
    # Its value is right, but the rule hides that it depends on x.
    hidden = with_rule(lambda g, x: 2 * g * x.detach())
    x = leaf(3)
    assert gradcheck(hidden, x)
    with pytest.raises(GradcheckError):
        gradgradcheck(hidden, x)
    assert gradgradcheck(hidden, x, raise_exception=False) is False


def test_given_cotangents():
    x = leaf(2, 2)
    assert gradgradcheck(sc.exp, x, sc.ones(2, 2, dtype=sc.float64))
    assert gradgradcheck(lambda x: (x.sin(), x.sum()), x, (sc.ones(2, 2).double(), sc.tensor(1.0).double()))


def test_random_functions_are_found():
    calls = []

    def drifting(gradient, x):
        calls.append(1)
        return 2 * gradient * x + 1e-9 * len(calls)

    x = leaf(2)
    with pytest.raises(GradcheckError, match="differs between two backward passes"):
        gradcheck(with_rule(drifting), x)
    assert gradcheck(with_rule(drifting), x, nondet_tol=1e-6)


def test_inputs():
    x = leaf(2)
    with pytest.raises(ValueError, match="gradcheck: no input requires grad"):
        gradcheck(sc.exp, sc.ones(2))
    with pytest.raises(ValueError, match=r"gradcheck: input 0 is swiftconv.float32.*use float64"):
        gradcheck(sc.exp, sc.ones(2, requires_grad=True))
    with pytest.raises(ValueError, match="the function returned no floating-point tensor"):
        gradcheck(lambda x: x.argmax(), x)
    assert gradcheck(lambda x, n, mask: (x * n)[mask], (x, 3, sc.tensor([True, False])))
    assert gradcheck(lambda x: x * 2, leaf(0))
    assert gradcheck(lambda x: x * 2, leaf())
    # Whatever the caller's mode, and without touching strided inputs.
    strided = sc.randn(4, 2, dtype=sc.float64).t()[:, ::2].detach().requires_grad_()
    before = strided.tolist()
    with sc.no_grad():
        assert gradcheck(sc.tanh, strided)
    assert strided.tolist() == before

"""Corners where a result would be silently wrong, lost or of another kind; the texts and values are PyTorch's."""

import math
import warnings

import numpy as np
import pytest

import swiftconv as sc
from swiftconv import nn, optim
from swiftconv.nn import functional as F


def gradient(function, values):
    x = sc.tensor(values, dtype=sc.float64, requires_grad=True)
    function(x).sum().backward()
    return x.grad.tolist()


# ---- Slopes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [2, 3, 1.5, 1, "fro"])
def test_norm_of_zeros_has_slope_0(p):
    assert gradient(lambda x: sc.norm(x, p), [0.0, 0.0]) == [0.0, 0.0]


def test_norm_of_rows_with_zeros():
    rows = [[0.0, 0.0], [3.0, 4.0]]
    np.testing.assert_allclose(gradient(lambda x: sc.norm(x, dim=1), rows), [[0, 0], [0.6, 0.8]])
    np.testing.assert_allclose(sc.norm(sc.tensor(rows, requires_grad=True), dim=1).detach(), [0, 5])
    assert np.isfinite(gradient(F.normalize, rows)).all()


def test_std_of_equal_elements_has_slope_0():
    assert gradient(lambda x: x.std(), [1.0, 1.0]) == [0.0, 0.0]
    np.testing.assert_allclose(
        gradient(lambda x: x.std(0), [[1.0, 1.0], [1.0, 2.0]]), [[0, -(0.5**0.5)], [0, 0.5**0.5]], rtol=1e-12
    )


def test_std_of_equal_elements_has_a_finite_second_derivative():
    x = sc.tensor([2.0, 2.0], dtype=sc.float64, requires_grad=True)
    (first,) = sc.autograd.grad(x.std(), x, create_graph=True)
    (second,) = sc.autograd.grad(first.sum(), x)
    assert second.isfinite().all()


# ---- Arithmetic ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [sc.float32, sc.float64])
def test_fmod_is_exact(dtype):
    x = sc.tensor([5.0, -5.0, 1e10, 7.5, -7.5, 0.3, 0.0], dtype=dtype)
    for divisor in (0.1, -0.1, 3.0, math.inf):
        np.testing.assert_array_equal(sc.fmod(x, divisor), np.fmod(x.numpy(), x.numpy().dtype.type(divisor)))
    others = sc.tensor([2.0, -2.0, 0.7, math.inf, -math.inf, 0.1, 1.0], dtype=dtype)
    np.testing.assert_array_equal(sc.fmod(x, others), np.fmod(x.numpy(), others.numpy()))
    assert sc.fmod(5.0, others[:1]).item() == 1.0


def test_slopes_of_fmod():
    x = sc.tensor([0.0, 5.0, -5.0, 7.0], requires_grad=True)
    y = sc.tensor([3.0, 3.0, 3.0, -3.0], requires_grad=True)
    sc.fmod(x, y).sum().backward()
    assert x.grad.tolist() == [1, 1, 1, 1]
    assert y.grad.tolist() == [0, -1, 1, 2]


def test_clamp_of_large_integers_is_exact():
    x = sc.tensor([2**60 + 5, -(2**60) - 5])
    assert x.clamp(-(2**60) - 1, 2**60 + 1).tolist() == [2**60 + 1, -(2**60) - 1]


def test_clamp_of_integers_between_fractions_is_floating_point():
    x = sc.tensor([1, 2, 3])
    assert repr(x.clamp(1.5, 2.5)) == "tensor([1.5000, 2.0000, 2.5000])"
    with pytest.raises(TypeError, match="float32 cannot be stored in a int64 tensor"):
        x.clamp_(1.5)
    assert x.clamp_(2).tolist() == [2, 2, 3]


def test_limits_outside_of_the_dtype():
    x = sc.tensor([0, 5, 255], dtype=sc.uint8)
    assert x.clamp(-5, 300).tolist() == [0, 5, 255] and x.clamp(-5, 300) is not x
    assert x.clamp(min=-5, max=100).tolist() == [0, 5, 100]
    with pytest.raises(ValueError, match="leave no number of swiftconv.uint8, 0 to 255"):
        x.clamp(min=300)


def test_clamp_in_place_by_tensors():
    x = sc.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 1
    y.clamp_(max=sc.tensor([3.0, 1.0, 4.0]))
    y.sum().backward()
    assert y.tolist() == [1, 1, 3] and x.grad.tolist() == [1, 0, 1]


def test_isclose_of_unsigned_integers_and_bools():
    assert sc.isclose(sc.tensor([3], dtype=sc.uint8), sc.tensor([5], dtype=sc.uint8), atol=3).item()
    assert not sc.isclose(sc.tensor([3], dtype=sc.uint8), sc.tensor([5], dtype=sc.uint8), atol=1).item()
    assert sc.isclose(sc.tensor([True, False]), sc.tensor([True, True])).tolist() == [True, False]
    assert sc.allclose(sc.tensor([1, 2]), sc.tensor([1, 2]))


# ---- Arguments -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [sc.var, sc.std])
def test_unbiased_by_position(function):
    x = sc.tensor([[1.0, 2.0, 4.0], [1.0, 5.0, 4.0]])
    assert function(x, False).item() == function(x, correction=0).item()
    assert function(x, True).item() == function(x).item()
    assert function(x, 1, False).tolist() == function(x, 1, correction=0).tolist()
    assert function(x, 1, False, True).shape == (2, 1)


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "amax", "logsumexp", "any"])
def test_a_bool_is_no_axis(name):
    with pytest.raises(TypeError, match=f"{name}: dim must be a whole number or a tuple of them, got True"):
        getattr(sc, name)(sc.ones(2, 3), True)


def test_an_axis_is_whole():
    with pytest.raises(TypeError, match=r"sum: dim must be a whole number or a tuple of them, got \(0, 1.5\)"):
        sc.ones(2, 3).sum((0, 1.5))


def test_the_dtype_of_a_sum_is_that_of_its_result():
    x = sc.tensor([1, 2])
    found = (x.sum(dtype=sc.int32), x.prod(dtype=sc.uint8), x.cumsum(0, dtype=sc.int32), x.cumprod(0, dtype=sc.uint8))
    assert [each.dtype for each in found] == [sc.int32, sc.uint8, sc.int32, sc.uint8]
    assert x.sum().dtype is sc.int64 and sc.tensor([True, True]).sum().dtype is sc.int64


def test_take_along_dim_broadcasts():
    x = sc.arange(12.0).reshape(4, 3)
    assert sc.take_along_dim(x, sc.tensor([[0, 1]]), 1).tolist() == [[0, 1], [3, 4], [6, 7], [9, 10]]
    assert sc.take_along_dim(x[:1], sc.tensor([[2], [0]]), -1).tolist() == [[2], [0]]
    with pytest.raises(ValueError, match="do not broadcast along the axes other than 1"):
        sc.take_along_dim(x, sc.tensor([[0], [1]]), 1)
    with pytest.raises(ValueError, match="the same number of axes"):
        sc.take_along_dim(x, sc.tensor([0]), 1)


def test_copies_are_not_negative():
    with pytest.raises(ValueError, match="tile: the numbers of copies must not be negative"):
        sc.ones(1).repeat(-1)


def test_meshgrid_takes_vectors():
    with pytest.raises(ValueError, match=r"meshgrid: expected vectors, got a tensor of shape \(2, 2\)"):
        sc.meshgrid(sc.ones(2, 2), sc.ones(3))


def test_one_hot_takes_integers():
    with pytest.raises(TypeError, match="one_hot: expected integers, got swiftconv.float32"):
        F.one_hot(sc.tensor([0.5, 1.0]), 3)


def test_split_takes_any_whole_number():
    assert [part.shape[0] for part in sc.arange(5).split(np.int64(2))] == [2, 2, 1]


def test_unflatten_looks_at_its_axis_alone():
    assert sc.zeros(0, 6).unflatten(1, (2, -1)).shape == (0, 2, 3)
    assert sc.zeros(4, 6).unflatten(-1, (-1, 2)).shape == (4, 3, 2)
    for sizes in [(4, -1), (2, 2), (-1, -1), (-2, -3)]:
        with pytest.raises(ValueError, match="unflatten: the sizes .* do not multiply to the size 6 of axis 1"):
            sc.zeros(4, 6).unflatten(1, sizes)


def test_conversions_refuse_unknown_words():
    x = sc.ones(2)
    with pytest.raises(TypeError, match="dtipe"):
        x.to(dtipe=sc.float64)
    assert x.to(sc.float32, False, True) is not x and x.to(sc.float32, True) is x
    with pytest.raises(TypeError, match="to: expected at most non_blocking and copy"):
        x.to("cpu", True, True, True)


def test_fill_takes_one_number():
    assert sc.zeros(2).fill_(sc.tensor(3.0)).tolist() == [3, 3]
    with pytest.raises(ValueError, match=r"fill_: expected one number, got shape \(2,\); use copy_"):
        sc.zeros(2).fill_(sc.tensor([1.0, 2.0]))


def test_index_put_takes_masks_and_numbers():
    x = sc.zeros(2, 3)
    assert x.index_put_((sc.tensor([True, False]),), sc.tensor(1.0)) is x
    x.index_put_((sc.tensor([1, 1]), sc.tensor([0, 0])), sc.tensor([1.0, 2.0]), accumulate=True)
    x.index_put_((sc.tensor(1), sc.tensor(2)), sc.tensor(5.0), accumulate=True)
    assert x.tolist() == [[1, 1, 1], [3, 0, 5]]


def test_contains():
    assert 1 in sc.tensor([1, 2]) and 3 not in sc.tensor([1, 2])
    with pytest.raises(TypeError, match="in: a tensor holds numbers, got NoneType"):
        None in sc.tensor([1, 2])  # noqa: B015


@pytest.mark.parametrize("option", [{"precision": -1}, {"edgeitems": -1}, {"linewidth": 0}, {"threshold": math.nan}])
def test_print_options_are_checked_at_once(option):
    (name,) = option
    with pytest.raises(ValueError, match=f"set_printoptions: {name} must not be so small"):
        sc.set_printoptions(**option)
    assert repr(sc.tensor([1.5])) == "tensor([1.5000])"


# ---- Random numbers --------------------------------------------------------------------------------------------------


class Edge:
    """A generator whose uniform numbers are as near to the upper end as float64 allows."""

    def uniform(self, low, high, count):
        return np.full(count, np.nextafter(high, low))


@pytest.mark.parametrize("bounds", [(0, 1), (-0.1, 0.1), (-1e30, 1e30), (5, 5 + 1e-6)])
def test_uniform_stays_below_its_upper_end(bounds):
    x = sc.empty(3).uniform_(*bounds, generator=Edge())
    assert (x < float(np.float32(bounds[1]))).all() and (x >= float(np.float32(bounds[0]))).all()
    assert sc.empty(3).uniform_(2, 2).tolist() == [2, 2, 2]


@pytest.mark.parametrize("bounds", [(0, 1e-9), (-1e-3, 1e-3), (1.9, 2.0), (-0.5, 1.0), (-3.0, 3.0)])
def test_truncated_normal_ends_and_has_the_right_distribution(bounds):
    a, b = bounds
    values = nn.init.trunc_normal_(sc.empty(40_000, dtype=sc.float64), std=1.0, a=a, b=b).numpy()
    assert values.min() >= a and values.max() <= b
    middle = np.linspace(a, b, 2001)
    density = np.exp(-(middle**2) / 2)
    mean = (middle * density).sum() / density.sum()
    spread = math.sqrt(((middle - mean) ** 2 * density).sum() / density.sum())
    assert values.mean() == pytest.approx(mean, abs=5 * spread / 200)
    assert values.std() == pytest.approx(spread, rel=0.03)


def test_arguments_of_random_functions():
    assert sorted(sc.randperm(sc.tensor(5)).tolist()) == [0, 1, 2, 3, 4]
    with pytest.raises(TypeError, match="^randn: the numbers need a floating-point dtype"):
        sc.randn(2, dtype=sc.int64)
    with pytest.raises(ValueError, match="sparse_: sparsity must be a share from 0 to 1, got -0.5"):
        nn.init.sparse_(sc.empty(4, 2), -0.5)


# ---- Modules and optimizers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda **options: nn.Linear(2, 3, **options),
        lambda **options: nn.LazyLinear(3, **options),
        lambda **options: nn.Conv2d(1, 2, 3, **options),
        lambda **options: nn.LazyConv1d(2, 3, **options),
        lambda **options: nn.ConvTranspose2d(1, 2, 3, **options),
        lambda **options: nn.BatchNorm2d(3, **options),
        lambda **options: nn.LazyBatchNorm1d(**options),
        lambda **options: nn.InstanceNorm2d(3, affine=True, **options),
        lambda **options: nn.LayerNorm(3, **options),
        lambda **options: nn.GroupNorm(1, 3, **options),
    ],
)
def test_device_and_dtype_of_layers(make):
    with pytest.raises(RuntimeError, match="device: 'cuda' is not available"):
        make(device="cuda")
    make(device="cpu")
    for dtype in (float, np.float64, "float64", sc.float64):
        layer = make(dtype=dtype)
        assert nn.parameter.is_lazy(layer.weight) or layer.weight.dtype is sc.float64


def test_conversion_of_a_module_keeps_gradients():
    layer = nn.Linear(2, 1)
    layer(sc.ones(1, 2)).sum().backward()
    layer.double()
    assert layer.weight.grad.dtype is sc.float64 and layer.weight.grad.tolist() == [[1, 1]]
    layer(sc.ones(1, 2, dtype=sc.float64)).sum().backward()
    assert layer.weight.grad.tolist() == [[2, 2]]


def test_the_text_of_missing_names():
    found = nn.Linear(2, 2).load_state_dict({}, strict=False)
    assert repr(found) == "_IncompatibleKeys(missing_keys=['weight', 'bias'], unexpected_keys=[])"


def test_strings_of_several_entries_are_a_tuple():
    assert sc.data.default_collate([("a", 1.0), ("b", 2.0)])[0] == ("a", "b")
    assert sc.data.default_collate(["a", "b"]) == ["a", "b"]


def test_a_closure_records():
    weight = nn.Parameter(sc.ones(1))
    optimizer = optim.SGD([weight], lr=1.0)

    def closure():
        optimizer.zero_grad()
        loss = (weight * weight).sum()
        loss.backward()
        return loss

    with sc.no_grad():
        assert optimizer.step(closure).item() == 1
    assert weight.item() == -1


def test_a_parameter_given_twice():
    weight = nn.Parameter(sc.ones(1))
    with pytest.warns(UserWarning, match="SGD: a parameter appears twice in a group"):
        optim.SGD([weight, weight], lr=1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optim.SGD([weight, nn.Parameter(sc.ones(1))], lr=1.0)


def test_nan_is_no_learning_rate():
    with pytest.raises(ValueError, match="SGD: lr must not be negative, got nan"):
        optim.SGD([nn.Parameter(sc.ones(1))], lr=math.nan)


def test_a_second_schedule_has_the_base_of_the_first():
    optimizer = optim.SGD([nn.Parameter(sc.ones(1))], lr=1.0)
    optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5)
    assert optim.lr_scheduler.StepLR(optimizer, 2).base_lrs == [1.0]
    assert optimizer.param_groups[0]["lr"] == 0.5


def test_a_sparse_matrix_would_lose_the_gradient():
    pytest.importorskip("scipy")
    kernel = sc.ones(2, 2, requires_grad=True)
    with pytest.raises(TypeError, match="corr2d_matrix: SciPy would lose the gradient of K"):
        sc.corr2d_matrix(kernel, (3, 3), sparse=True)


@pytest.mark.parametrize("zeros", range(4))
@pytest.mark.parametrize(("shape", "dim"), [((5,), 0), ((3, 5), 0), ((2, 3, 4), 1), ((1,) * 7 + (3,), 7)])
def test_products_with_factors_that_are_zero(rng, shape, dim, zeros):
    values = rng.standard_normal(shape)
    values.reshape(-1)[rng.permutation(values.size)[:zeros]] = 0
    x = sc.tensor(values, requires_grad=True)
    for function in (lambda x: x.cumprod(dim), lambda x: x.prod(dim), lambda x: x.prod()):
        assert sc.autograd.gradcheck(function, (x,))
        assert sc.autograd.gradgradcheck(function, (x,))


def test_the_gradient_of_a_running_product_takes_no_matrix():
    """It would be of 10^14 elements here."""
    x = sc.ones(10_000_000, requires_grad=True)
    with sc.no_grad():
        x[5] = 0
        x[7] = 0
    x.cumprod(0).sum().backward()
    assert x.grad[:9].tolist() == [5, 4, 3, 2, 1, 2, 0, 0, 0]

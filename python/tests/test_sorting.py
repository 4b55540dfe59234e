"""`sort`, `argsort` and `topk` against NumPy, and `round` to decimals."""

import numpy as np
import pytest

import swiftconv as sc

CASES = [((7,), 0), ((3, 5), 1), ((3, 5), 0), ((2, 3, 4), -2), ((0, 3), 1), ((0, 3), 0), ((), -1), ((1,), 0)]


def stable_order(values, axis, descending):
    """One column after the other, by Python's own sort."""
    if values.ndim == 0:
        return np.zeros((), np.int64)
    columns = np.moveaxis(values, axis, -1)
    order = np.empty(columns.shape, np.int64)
    for place in np.ndindex(columns.shape[:-1]):
        row = columns[place]
        sign = -1 if descending else 1
        order[place] = sorted(range(len(row)), key=lambda n, row=row, sign=sign: (sign * row[n], n))
    return np.moveaxis(order, -1, axis)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.uint8, np.bool_])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(("shape", "dim"), CASES)
def test_order(rng, shape, dim, descending, dtype):
    # Few different values, so that many are equal.
    array = rng.integers(0, 3, shape).astype(dtype)
    expected = stable_order(array.astype(np.int64), dim, descending)
    x = sc.tensor(array)
    values, indices = result = sc.sort(x, dim, descending)
    assert type(result).__name__ == "sort"
    np.testing.assert_array_equal(indices.numpy(), expected)
    in_order = array if array.ndim == 0 else np.take_along_axis(array, expected, dim)
    np.testing.assert_array_equal(values.numpy(), in_order)
    assert (values.dtype, indices.dtype) == (x.dtype, sc.int64)
    np.testing.assert_array_equal(sc.argsort(x, dim, descending).numpy(), expected)
    count = min(2, x.shape[dim] if shape else 1)
    values, indices = x.topk(count, dim, largest=descending)
    if shape:
        expected, in_order = (each.take(range(count), dim) for each in (expected, in_order))
    np.testing.assert_array_equal(indices.numpy(), expected)
    np.testing.assert_array_equal(values.numpy(), in_order)


@pytest.mark.parametrize("descending", [False, True])
def test_what_is_not_a_number_is_the_largest(descending):
    x = sc.tensor([1.0, np.nan, -np.inf, np.inf])
    indices = x.argsort(descending=descending).tolist()
    assert indices == ([1, 3, 0, 2] if descending else [2, 0, 3, 1])


def test_strided(rng):
    x = sc.tensor(rng.standard_normal((6, 8))).T[1::2]
    np.testing.assert_array_equal(x.sort(dim=0).values.numpy(), np.sort(x.numpy(), axis=0))


def test_gradients(rng):
    x = sc.tensor(rng.standard_normal((3, 5)), requires_grad=True)
    for function in (
        lambda x: x.sort(dim=1, descending=True).values ** 2,
        lambda x: x.topk(2, dim=0).values ** 2,
    ):
        assert sc.autograd.gradcheck(function, (x,))
        assert sc.autograd.gradgradcheck(function, (x,))


def test_errors():
    x = sc.ones(2, 3)
    with pytest.raises(IndexError, match="sort: dim 2 is out of range for a tensor with 2 dimensions"):
        x.sort(2)
    with pytest.raises(IndexError, match="topk: dim 1 is out of range"):
        sc.topk(sc.tensor(1.0), 1, 1)
    for count in (4, -1):
        with pytest.raises(ValueError, match=rf"topk: k is {count}, but axis 1 of shape \(2, 3\) has 3 elements"):
            x.topk(count, 1)


def test_round_to_decimals(rng):
    array = rng.uniform(-1000, 1000, (3, 4))
    for decimals in (-2, -1, 0, 1, 3):
        np.testing.assert_array_equal(
            sc.tensor(array).round(decimals=decimals).numpy(), np.round(array, decimals), strict=True
        )
    with pytest.raises(TypeError, match="round: decimals is for floats, got dtype .*int64"):
        sc.tensor([12]).round(decimals=-1)

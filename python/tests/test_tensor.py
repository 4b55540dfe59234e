"""Making tensors, their dtypes, copies and indices, against NumPy."""

import copy
import pickle

import numpy as np
import pytest

import swiftconv as sc

# ---- Making ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        (1.5, sc.float32, ()),
        (3, sc.int64, ()),
        (True, sc.bool, ()),
        ([1, 2], sc.int64, (2,)),
        ([1, 2.5], sc.float32, (2,)),
        ([True, 2], sc.int64, (2,)),
        ([[1.0], [2.0]], sc.float32, (2, 1)),
        ((1, (2)), sc.int64, (2,)),
        ([], sc.float32, (0,)),
        ([[], []], sc.float32, (2, 0)),
        (range(3), sc.int64, (3,)),
        (np.float64(1), sc.float64, ()),
        (np.arange(3), sc.int64, (3,)),
        (np.ones(2, np.float32), sc.float32, (2,)),
        ([np.ones(2, np.float32)] * 2, sc.float32, (2, 2)),
        ([np.float64(1), 2.0], sc.float64, (2,)),
        ([sc.tensor(1.0), sc.tensor(2.0)], sc.float32, (2,)),
        ([sc.ones(2, requires_grad=True).sum(), 1.0], sc.float32, (2,)),
        (sc.ones(2, dtype=sc.uint8), sc.uint8, (2,)),
    ],
)
def test_tensor(data, dtype, shape):
    data = list(data) if isinstance(data, range) else data
    x = sc.tensor(data)
    assert x.dtype is dtype
    assert x.shape == shape
    assert not x.requires_grad


def test_tensor_copies():
    array = np.zeros(2)
    x = sc.tensor(array)
    array[0] = 1
    assert x.tolist() == [0, 0]
    y = sc.tensor(x)
    y[0] = 1
    assert x.tolist() == [0, 0]
    assert sc.as_tensor(x) is x


@pytest.mark.parametrize("dtype", [sc.float64, "float64", np.float64, np.dtype("f8"), float])
def test_spellings_of_dtypes(dtype):
    assert sc.zeros(2, dtype=dtype).dtype is sc.float64
    assert sc.tensor([1], dtype=dtype).dtype is sc.float64


def test_filled():
    assert (
        sc.zeros(2, 3).shape
        == sc.zeros((2, 3)).shape
        == sc.zeros([2, 3]).shape
        == sc.zeros(size=(2, 3)).shape
        == (2, 3)
    )
    assert sc.zeros(()).shape == sc.ones(size=()).shape == ()
    assert sc.ones(2, dtype=sc.bool).tolist() == [True, True]
    assert sc.full((2,), 2.5).tolist() == [2.5, 2.5]
    assert sc.full((2,), 2).dtype is sc.int64
    assert sc.full((2,), sc.tensor(2, dtype=sc.int32)).dtype is sc.int32
    assert sc.zeros_like(sc.ones(2, dtype=sc.int32)).dtype is sc.int32
    assert sc.ones_like(sc.zeros(2), requires_grad=True).requires_grad
    assert sc.eye(2, 3).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert sc.Tensor([1, 2]).dtype is sc.float32
    assert sc.ones(2).new_zeros(3).shape == (3,)
    assert sc.ones(2, dtype=sc.int64).new_tensor([1.5]).tolist() == [1]


def test_sequences():
    assert sc.arange(3).tolist() == [0, 1, 2]
    assert sc.arange(1, 7, 2).tolist() == [1, 3, 5]
    assert sc.arange(3.0).dtype is sc.float32
    assert sc.arange(5, 1, -2).tolist() == [5, 3]
    assert sc.arange(0, 1, 0.25).tolist() == [0, 0.25, 0.5, 0.75]
    assert sc.arange(12, dtype=sc.float32).dtype is sc.float32
    assert sc.linspace(0, 1, 3).tolist() == [0, 0.5, 1]
    assert sc.linspace(0, 1, 1).tolist() == [0]


def test_random_numbers():
    sc.manual_seed(3)
    first = [sc.rand(100), sc.randn(100), sc.randint(0, 9, (100,)), sc.randperm(10), sc.normal(5, 0.1, (100,))]
    sc.manual_seed(3)
    second = [sc.rand(100), sc.randn(100), sc.randint(9, (100,)), sc.randperm(10), sc.normal(5, 0.1, (100,))]
    assert all(sc.equal(a, b) for a, b in zip(first, second, strict=True))
    assert first[0].dtype is sc.float32
    assert 0 <= first[0].min() and first[0].max() < 1
    assert sorted(first[3].tolist()) == list(range(10))
    assert abs(first[4].mean() - 5) < 0.1
    assert sc.normal(sc.arange(3.0), 1e-9).round().tolist() == [0, 1, 2]
    assert sc.randn(()).shape == ()
    assert sc.seed() != sc.seed()


# ---- Dtypes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "dtype"),
    [
        (lambda: sc.ones(2), lambda: 1.5, sc.float32),
        (lambda: sc.ones(2), lambda: sc.ones(2).double(), sc.float64),
        (lambda: sc.ones(2), lambda: sc.tensor(1.0).double(), sc.float32),
        (lambda: sc.arange(2), lambda: 1.5, sc.float32),
        (lambda: sc.arange(2), lambda: 2, sc.int64),
        (lambda: sc.arange(2).int(), lambda: 2**40, sc.int32),
        (lambda: sc.arange(2), lambda: sc.ones(2), sc.float32),
        (lambda: sc.arange(2).byte(), lambda: sc.arange(2).int(), sc.int32),
        (lambda: sc.arange(2).bool(), lambda: True, sc.bool),
        (lambda: sc.arange(2).bool(), lambda: 1, sc.int64),
        (lambda: sc.tensor(1), lambda: 1.5, sc.float32),
        (lambda: sc.ones(2), lambda: np.float64(1.5), sc.float32),
        (lambda: sc.ones(2), lambda: np.ones(2), sc.float64),
        (lambda: sc.arange(2), lambda: np.int32(1), sc.int64),
        (lambda: sc.arange(2).byte(), lambda: np.bool_(True), sc.uint8),
    ],
)
def test_promotion(a, b, dtype):
    assert (a() + b()).dtype is dtype
    assert (b() + a()).dtype is dtype


def test_division_of_integers():
    x = sc.tensor([7, -7])
    assert (x / 2).dtype is sc.float32
    assert (x // 2).tolist() == [3, -4]
    assert (x % 3).tolist() == [1, 2]
    assert sc.div(x, 2, rounding_mode="trunc").tolist() == [3, -3]
    assert sc.div(x, 2, rounding_mode="trunc").dtype is sc.int64
    assert sc.div(x, -2, rounding_mode="floor").tolist() == [-4, 3]
    assert sc.fmod(x, 4).tolist() == [3, -3]
    assert (2.0 ** sc.tensor([1.0, 3.0])).tolist() == [2, 8]
    assert (1 / sc.tensor([2, 4])).tolist() == [0.5, 0.25]
    assert (7 // sc.tensor([2, -2])).tolist() == [3, -4]


def test_conversions():
    x = sc.tensor([1.7, -1.7, 300.0])
    assert x.int().tolist() == x.long().tolist() == [1, -1, 300]
    assert x.bool().tolist() == [True] * 3
    assert x.type(sc.float64).dtype is x.double().dtype is x.to(sc.float64).dtype is sc.float64
    assert x.to(sc.float32) is x is x.cpu() is x.float()
    assert x.to(sc.arange(1)).dtype is sc.int64
    assert x.to(x, copy=True) is not x
    assert x.type() == "swiftconv.FloatTensor"
    assert (int(x[0]), float(x[0]), bool(x[0])) == (1, pytest.approx(1.7), True)
    assert [0, 1, 2][sc.tensor(1)] == 1
    assert list(range(sc.tensor(2))) == [0, 1]


def test_dtype_objects_are_unique():
    assert pickle.loads(pickle.dumps(sc.float32)) is sc.float32
    assert copy.deepcopy(sc.int64) is sc.int64


# ---- Copies ----------------------------------------------------------------------------------------------------------


def test_copies():
    x = sc.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    deep, shallow, loaded = copy.deepcopy(x), copy.copy(x), pickle.loads(pickle.dumps(x))
    for each in (deep, shallow, loaded):
        assert each.requires_grad and each.is_leaf and each.tolist() == [1, 2]
    assert deep.grad.tolist() == [2, 4]
    assert shallow.data_ptr() == x.data_ptr() != deep.data_ptr()
    with pytest.raises(RuntimeError, match="deepcopy: only leaves"):
        copy.deepcopy(x * 2)


def test_the_same_object_comes_back():
    x = sc.ones(2, requires_grad=True)
    (x * 2).sum().backward()
    assert x.grad is x.grad
    assert x.contiguous() is x
    assert {x: 1}[x] == 1
    assert len({x, x.detach()}) == 2


# ---- Shapes ----------------------------------------------------------------------------------------------------------


def test_sizes():
    shape = sc.zeros(2, 3, 4).shape
    assert isinstance(shape, tuple) and isinstance(shape[1:], sc.Size)
    assert (1, 1) + shape == (1, 1, 2, 3, 4)
    assert isinstance((1, 1) + shape, sc.Size) and isinstance(shape + (1,), sc.Size)
    a, *_ = shape
    assert a == 2 and shape.numel() == 24
    assert sc.zeros(*shape[1:]).shape == (3, 4)


def test_shapes(rng):
    array = rng.normal(size=(2, 3, 4))
    x = sc.from_numpy(array)
    assert x.size() == (2, 3, 4) and x.size(-1) == 4 and x.dim() == 3 and x.numel() == x.nelement() == 24
    assert x.stride() == (12, 4, 1) and x.stride(0) == 12
    for result, expected in (
        (x.reshape(6, 4), array.reshape(6, 4)),
        (x.reshape((4, -1)), array.reshape(4, -1)),
        (x.view(24), array.ravel()),
        (x.permute(2, 0, 1), array.transpose(2, 0, 1)),
        (x.transpose(0, -1), array.swapaxes(0, -1)),
        (x.mT, array.swapaxes(-1, -2)),
        (x[0].T, array[0].T),
        (x.unsqueeze(1).squeeze(1), array),
        (x[:1].squeeze(), array[0]),
        (x.flatten(1), array.reshape(2, 12)),
        (x.unflatten(2, (2, 2)), array.reshape(2, 3, 2, 2)),
        (x.movedim(0, 2), np.moveaxis(array, 0, 2)),
        (x.repeat(2, 1, 1, 2), np.tile(array, (2, 1, 1, 2))),
        (x.tile(2), np.tile(array, 2)),
        (x[:, :1].expand(-1, 5, -1), np.broadcast_to(array[:, :1], (2, 5, 4))),
        (sc.hstack((x[0], x[1])), np.hstack((array[0], array[1]))),
        (sc.vstack((x[0], x[1])), np.vstack((array[0], array[1]))),
        (sc.cat(x.split(2, 1), 1), array),
        (sc.stack(x.unbind(2), 2), array),
        (sc.cat(x.chunk(3, dim=2), 2), array),
        (x.narrow(1, 1, 2), array[:, 1:3]),
        (x.select(1, 2), array[:, 2]),
        (x.tril(), np.tril(array)),
        (x.triu(1), np.triu(array, 1)),
        (x.flip(0, 2), array[::-1, :, ::-1]),
    ):
        np.testing.assert_array_equal(result.numpy(), expected)
    assert [tuple(part.shape) for part in x.split((1, 2), 1)] == [(2, 1, 4), (2, 2, 4)]
    for ours, theirs in zip(
        sc.meshgrid(sc.arange(2), sc.arange(3), indexing="xy"), np.meshgrid(np.arange(2), np.arange(3)), strict=True
    ):
        np.testing.assert_array_equal(ours.numpy(), theirs)


def test_iteration():
    x = sc.arange(6).reshape(3, 2)
    assert [row.tolist() for row in x] == [[0, 1], [2, 3], [4, 5]]
    a, b, c = x
    assert c.tolist() == [4, 5]
    assert len(x) == 3
    assert 5 in x and 9 not in x
    assert sum(x).tolist() == [6, 9]


def test_norms(rng):
    array = rng.normal(size=(3, 4))
    x = sc.from_numpy(array)
    for p in (1, 2, 3, 0, float("inf"), float("-inf")):
        np.testing.assert_allclose(x.norm(p).item(), np.linalg.norm(array.ravel(), p))
        np.testing.assert_allclose(x.norm(p, dim=1).numpy(), np.linalg.norm(array, p, axis=1))
    np.testing.assert_allclose(x.norm().item(), np.linalg.norm(array))


# ---- Indices ---------------------------------------------------------------------------------------------------------

INDICES = [
    0,
    -1,
    slice(1, None),
    (slice(None), 1),
    (Ellipsis, 0),
    (None, 0, None),
    (0, 1, 2),
    [2, 0],
    [[0, 1], [2, 0]],
    ([0, 2], [1, 1]),
    (slice(None), [0, 1, 1]),
    ([1, 0], slice(None), [2, 2]),
    (slice(0, 2), [1, 0], [0, 3]),
    (Ellipsis, [3, 0]),
    ([[0], [1]], [[1, 2, 0]]),
    (None, [0, 1]),
    np.array([0, 2]),
    np.array([True, False, True]),
    (slice(None), np.array([True, False, True])),
    np.arange(36).reshape(3, 3, 4) % 3 == 0,
    (np.ones((3, 3), bool), 1),
    np.zeros(3, bool),
    np.int32(1),
    (np.array([0, 1], np.uint8), 0),
    True,
    False,
    (True, 0),
    [],
]


@pytest.mark.parametrize("index", INDICES, ids=map(str, range(len(INDICES))))
def test_indices(index, rng):
    """As in NumPy, but that an integer between two lists counts as a slice, as in PyTorch."""
    array = rng.normal(size=(3, 3, 4))
    x = sc.from_numpy(array.copy())
    expected = array[index]
    np.testing.assert_array_equal(x[index].numpy(), expected)
    entries = index if isinstance(index, tuple) else (index,)
    as_tensors = tuple(sc.from_numpy(np.asarray(each)) if isinstance(each, np.ndarray) else each for each in entries)
    np.testing.assert_array_equal(x[as_tensors].numpy(), expected)
    x[index] = 7.0
    array[index] = 7
    np.testing.assert_array_equal(x.numpy(), array)
    values = rng.normal(size=expected.shape)
    x[index] = sc.from_numpy(np.asarray(values))
    array[index] = values
    np.testing.assert_array_equal(x.numpy(), array)


def test_an_integer_beside_a_list_is_a_slice():
    x = sc.arange(24).reshape(2, 3, 4)
    assert x[0, :, [0, 1]].shape == (3, 2)
    assert x[:, 0, [0, 1]].shape == (2, 2)


def test_assignment_converts():
    x = sc.zeros(3, dtype=sc.int64)
    x[0] = 5
    x[1] = 2.0
    x[[2]] = sc.tensor(7)
    assert x.tolist() == [5, 2, 7]
    y = sc.zeros(2, 2)
    y[0] = sc.arange(2)
    y[1] = np.array([5.0, 6.0])
    assert y.tolist() == [[0, 1], [5, 6]]


def test_selections():
    x = sc.tensor([[1.0, -2.0], [-3.0, 4.0]])
    assert x[x > 0].tolist() == [1, 4]
    assert x.masked_fill(x < 0, 0).tolist() == [[1, 0], [0, 4]]
    assert x.masked_select(x < 0).tolist() == [-2, -3]
    assert x.nonzero(as_tuple=True)[0].tolist() == [0, 0, 1, 1]
    assert [each.tolist() for each in sc.where(x > 0)] == [[0, 1], [0, 1]]
    assert x.index_select(1, sc.tensor([1, 1])).tolist() == [[-2, -2], [4, 4]]
    x.masked_fill_(x < 0, 9)
    assert x.tolist() == [[1, 9], [9, 4]]


def test_comparisons():
    x = sc.tensor([1.0, float("nan"), float("inf")])
    assert (x == x).tolist() == [True, False, True]
    assert (x == "a") is False
    assert x is not None and (x == None) is False  # noqa: E711
    assert sc.allclose(sc.ones(2), sc.ones(2) + 1e-9)
    assert sc.isclose(x, x, equal_nan=True).tolist() == [True, True, True]
    assert x.isfinite().tolist() == [True, False, False]
    assert not sc.equal(sc.ones(2), sc.ones(3))


@pytest.mark.parametrize(
    ("number", "dtype"),
    [(2**40, sc.int32), (300, sc.uint8), (-1, sc.uint8), (float("nan"), sc.int64), (1e30, sc.int64)],
    ids=str,
)
def test_numbers_that_a_dtype_does_not_have(number, dtype):
    with pytest.raises(ValueError, match=f"does not fit {str(dtype).split('.')[-1]}"):
        sc.full((3,), number, dtype=dtype)
    x = sc.zeros(3, dtype=dtype)
    if number == number:
        with pytest.raises(ValueError, match="does not fit"):
            x.fill_(number)
        with pytest.raises(ValueError, match="does not fit"):
            x[0] = number
    assert not x.any()


@pytest.mark.parametrize("shape", [(), (1,), (0,), (4,), (3, 1, 5), (2, 0), (3000, 7)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_the_sum_of_everything(shape, dtype):
    array = np.random.default_rng(1).integers(-9, 10, shape).astype(dtype)
    tensor = sc.tensor(array)
    assert tensor.sum().shape == ()
    assert tensor.sum().item() == array.sum()
    assert tensor.sum(keepdim=True).shape == (1,) * len(shape)
    if len(shape) > 1:
        assert tensor.T.sum().item() == array.sum()


def test_a_slice_of_everything_is_a_view():
    base = sc.arange(6.0).reshape(2, 3).requires_grad_()
    x = base * 1
    view = x[:]
    assert view.shape == (2, 3) and view is not x
    view *= 3
    x.sum().backward()
    assert base.grad.tolist() == [[3.0] * 3] * 2
    assert x.detach().T[:].tolist() == [[0.0, 9.0], [3.0, 12.0], [6.0, 15.0]]
    assert x.detach()[1:][:].tolist() == [[9.0, 12.0, 15.0]]
    assert x[::2].tolist() == x[0:1].tolist() == [[0.0, 3.0, 6.0]]
    with pytest.raises(IndexError, match="too many indices"):
        sc.tensor(1.0)[:]

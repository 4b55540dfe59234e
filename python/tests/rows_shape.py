"""Rows of operators that move elements: views, copies, joins and selections."""

import numpy as np

import swiftconv as sc
from optable import ALL_INTEGERS, Failure, Row, Sample, draws, samples
from swiftconv import _core
from swiftconv.nn import functional as F


def apply(name, *arguments):
    return _core.apply(_core.operators[name], *arguments)


def moves(name, call, reference, *made, **options):
    """An operator that only moves elements: linear, and the same for every dtype."""
    return Row(name, call, reference, samples(*made), linear=True, integers=ALL_INTEGERS, **options)


def with_positions(shape, *indices, **arguments):
    """A random array, and integer arrays as positions."""

    def make(rng):
        return Sample((rng.normal(size=shape), *(np.asarray(each) for each in indices)), arguments)

    return make


def gather_index(x, *indices, dims):
    return apply("gather_index", [sc.as_tensor(each) for each in (x, *indices)], dims)


def gather_reference(x, *indices, dims):
    entries = [slice(None)] * x.ndim
    for axis, index in zip(dims, indices, strict=True):
        entries[axis] = index
    return x[tuple(entries)]


def put_index(x, values, *indices, dims, accumulate=False):
    target = sc.as_tensor(x).clone()
    return _core.apply_in_place(_core.operators["put_index"], target, [values, *indices], dims, accumulate)


def put_reference(x, values, *indices, dims, accumulate=False):
    entries = [slice(None)] * x.ndim
    for axis, index in zip(dims, indices, strict=True):
        entries[axis] = index
    x = x.copy()
    if accumulate:
        np.add.at(x, tuple(entries), values)
    else:
        x[tuple(entries)] = values
    return x


def copied(target, source):
    return sc.as_tensor(target).clone().copy_(source)


def pad_reference(x, pad, mode="constant", value=0):
    pairs = [(0, 0)] * (x.ndim - len(pad) // 2) + list(zip(pad[0::2], pad[1::2], strict=True))[::-1]
    names = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    return np.pad(x, pairs, names[mode], **({"constant_values": value} if mode == "constant" else {}))


def indexed(entry):
    return lambda x: x[entry]


ROWS = [
    moves("clone", sc.clone, np.copy, draws((2, 3)), draws(()), draws((0, 2))),
    moves("contiguous", sc.Tensor.contiguous, np.copy, draws((2, 3)), draws((4, 1, 2))),
    moves(
        "reshape",
        sc.reshape,
        lambda x, shape: x.reshape(shape),
        draws((2, 6), shape=(3, 4)),
        draws((2, 6), shape=(-1,)),
        draws((), shape=(1, 1)),
        draws((0, 3), shape=(3, 0)),
        failures=(
            Failure(lambda: sc.ones(6).reshape(4, 2), ValueError, r"reshape: .*\(6,\).*\(4, 2\)"),
            Failure(lambda: sc.ones(6).reshape(-1, -1), ValueError, "reshape: .* more than one -1"),
            Failure(lambda: sc.ones(6).reshape(1, 1, 1, 1, 1, 1, 1, 1, 6), ValueError, "reshape: 9 dimensions"),
        ),
    ),
    Row(
        "view",
        lambda x, shape: sc.as_tensor(x).view(shape),
        lambda x, shape: x.reshape(shape),
        samples(draws((2, 6), shape=(3, 4)), draws((12,), shape=(2, -1))),
        linear=True,
        keeps_layouts=True,
        failures=(Failure(lambda: sc.ones(2, 3).t().view(6), RuntimeError, "view: .* without a copy; use reshape"),),
    ),
    moves(
        "permute",
        sc.permute,
        lambda x, dims: x.transpose(dims),
        draws((2, 3, 4), dims=(2, 0, 1)),
        draws((2, 3), dims=(-1, 0)),
        draws((), dims=()),
        failures=(
            Failure(lambda: sc.ones(2, 3).permute(0), ValueError, "permute: 1 dims given"),
            Failure(lambda: sc.ones(2, 3).permute(0, 0), ValueError, "permute"),
            Failure(lambda: sc.ones(2, 3).permute(0, 2), IndexError, "permute"),
        ),
    ),
    moves(
        "expand",
        sc.broadcast_to,
        lambda x, size: np.broadcast_to(x, size),
        draws((3, 1), size=(3, 4)),
        draws((2,), size=(5, 3, 2)),
        draws((), size=(2, 2)),
        draws((1, 3), size=(0, 3)),
        failures=(
            Failure(lambda: sc.ones(2).expand(3), ValueError, "expand: .* only sizes of 1 can grow"),
            Failure(lambda: sc.ones(2, 2).expand(2), ValueError, "expand: .* fewer axes"),
        ),
    ),
    moves(
        "flip",
        sc.flip,
        lambda x, dims: np.flip(x, dims),
        draws((2, 3), dims=(0,)),
        draws((2, 3), dims=(0, 1)),
        draws((4,), dims=(-1,)),
        failures=(Failure(lambda: sc.ones(2).flip(1), IndexError, "flip"),),
    ),
    moves(
        "diagonal",
        sc.diagonal,
        lambda x, offset=0, dim1=0, dim2=1: np.diagonal(x, offset, dim1, dim2),
        draws((3, 3)),
        draws((3, 4), offset=1),
        draws((4, 2), offset=-2),
        draws((2, 3, 4), dim1=0, dim2=2),
        draws((2, 2), offset=5),
        failures=(
            Failure(lambda: sc.ones(3).diagonal(), ValueError, "diagonal: .* fewer than two axes"),
            Failure(lambda: sc.ones(3, 3).diagonal(0, 1, 1), ValueError, "diagonal: dim1 and dim2 are the same"),
        ),
    ),
    moves(
        "roll",
        sc.roll,
        lambda x, shifts, dims: np.roll(x, shifts, dims),
        draws((5,), shifts=2, dims=0),
        draws((2, 3), shifts=(1, -1), dims=(0, 1)),
        draws((4,), shifts=9, dims=0),
        failures=(Failure(lambda: sc.roll(sc.ones(2), (1, 2), (0,)), ValueError, "roll: 2 shifts for 1 dims"),),
    ),
    Row(
        "pad",
        F.pad,
        pad_reference,
        samples(
            draws((2, 3), pad=(1, 2)),
            draws((2, 3), pad=(1, 0, 0, 2), value=1.5),
            draws((5,), pad=(2, 1), mode="reflect"),
            draws((2, 3), pad=(2, 1), mode="replicate"),
            draws((4,), pad=(3, 2), mode="circular"),
        ),
        integers=ALL_INTEGERS,
        failures=(
            Failure(lambda: F.pad(sc.ones(2), (1,)), ValueError, "pad: expected two numbers per axis"),
            Failure(lambda: F.pad(sc.ones(2), (1, 1, 1, 1)), ValueError, "pad: expected two numbers per axis"),
            Failure(lambda: F.pad(sc.ones(2), (2, 0), mode="reflect"), ValueError, "pad: .* cannot be taken"),
            Failure(lambda: F.pad(sc.ones(2), (1, 0), mode="mirror"), ValueError, "pad: mode must be one of"),
        ),
    ),
    *(
        moves(
            name,
            lambda *tensors, function=function, dim=0: function([sc.as_tensor(each) for each in tensors], dim),
            lambda *arrays, reference=reference, dim=0: reference(arrays, dim),
            *made,
            failures=failures,
        )
        for name, function, reference, made, failures in (
            (
                "cat",
                sc.cat,
                np.concatenate,
                (draws((2, 3), (1, 3)), draws((2, 1), (2, 3), (2, 0), dim=1), draws((3,), (2,), dim=-1)),
                (
                    Failure(lambda: sc.cat([]), ValueError, "cat: expected at least one tensor"),
                    Failure(
                        lambda: sc.cat([sc.ones(2, 2), sc.ones(3, 3)]),
                        ValueError,
                        "cat: shapes .* only axis 0 may differ",
                    ),
                    Failure(
                        lambda: sc.cat([sc.ones(2), sc.ones(2, 2)]), ValueError, "cat: tensors have different ranks"
                    ),
                    Failure(lambda: sc.cat(sc.ones(2, 2)), TypeError, "cat: expected a list or tuple of tensors"),
                ),
            ),
            (
                "stack",
                sc.stack,
                np.stack,
                (draws((2, 3), (2, 3)), draws((2,), (2,), (2,), dim=1), draws((), (), dim=-1)),
                (
                    Failure(lambda: sc.stack([]), ValueError, "stack: expected at least one tensor"),
                    Failure(
                        lambda: sc.stack([sc.ones(2), sc.ones(3)]), ValueError, "stack: shapes .* all must be equal"
                    ),
                ),
            ),
        )
    ),
    moves(
        "index",
        lambda x, entry: sc.as_tensor(x)[entry],
        lambda x, entry: x[entry],
        draws((3, 4), entry=(1,)),
        draws((3, 4), entry=(slice(None), -1)),
        draws((7,), entry=(slice(1, 6, 2),)),
        draws((2, 3, 4), entry=(Ellipsis, 0)),
        draws((2, 3), entry=(None, slice(None), None, 1)),
        draws((5,), entry=(slice(-3, None),)),
        draws((5,), entry=(slice(4, 2),)),
        draws((2,), entry=()),
        failures=(
            Failure(lambda: sc.ones(3)[3], IndexError, "index: 3 is out of bounds for axis 0 with size 3"),
            Failure(lambda: sc.ones(3)[0, 0], IndexError, "index: too many indices"),
            Failure(lambda: sc.ones(3)[::-1], ValueError, "index: a slice's step must be greater than 0, got -1"),
            Failure(lambda: sc.ones(3)[::0], ValueError, "index: a slice's step must be greater than 0, got 0"),
            Failure(lambda: sc.ones(3)["x"], IndexError, "an index must be an integer"),
        ),
    ),
    moves(
        "gather_index",
        gather_index,
        gather_reference,
        with_positions((4, 3), [2, 0, 2], dims=(0,)),
        with_positions((4, 3), [[1], [0]], [0, 2], dims=(0, 1)),
        with_positions((2, 3, 4), [1, 0], [3, 3], dims=(0, 2)),
        with_positions((2, 3), np.zeros(0, int), dims=(1,)),
        failures=(
            Failure(lambda: sc.ones(3)[[0, 3]], IndexError, "index: index 3 is out of bounds for axis 0"),
            Failure(lambda: sc.ones(3, 3)[[0, 1], [0, 1, 2]], (IndexError, ValueError), "index"),
            Failure(lambda: sc.ones(3)[sc.ones(2)], IndexError, "must be an integer or bool tensor"),
        ),
    ),
    Row(
        "put_index",
        put_index,
        put_reference,
        samples(
            lambda rng: Sample((rng.normal(size=(4, 3)), rng.normal(size=(2, 3)), np.array([2, 0])), {"dims": (0,)}),
            lambda rng: Sample((rng.normal(size=(4, 3)), rng.normal(size=()), np.array([1, 3])), {"dims": (0,)}),
            lambda rng: Sample(
                (rng.normal(size=(4,)), rng.normal(size=(3,)), np.array([1, 1, 0])), {"dims": (0,), "accumulate": True}
            ),
        ),
        linear=True,
        failures=(
            Failure(lambda: sc.ones(3).__setitem__([0, 5], 1.0), IndexError, "index 5 is out of bounds"),
            Failure(
                lambda: sc.ones(3).__setitem__([0, 1], sc.ones(3)),
                ValueError,
                r"index assignment: shapes \(2,\) and \(3,\)",
            ),
        ),
    ),
    moves(
        "gather",
        lambda x, index, dim: sc.gather(sc.as_tensor(x), dim, sc.as_tensor(index)),
        lambda x, index, dim: np.take_along_axis(x, index, dim),
        lambda rng: Sample((rng.normal(size=(3, 4)), rng.integers(0, 3, (2, 4))), {"dim": 0}),
        lambda rng: Sample((rng.normal(size=(3, 4)), rng.integers(0, 4, (3, 5))), {"dim": 1}),
        failures=(
            Failure(lambda: sc.gather(sc.ones(2, 2), 0, sc.tensor([0])), ValueError, "gather: index has rank 1"),
            Failure(lambda: sc.gather(sc.ones(2), 0, sc.tensor([2])), IndexError, "gather|index"),
        ),
    ),
    Row(
        "nonzero",
        sc.nonzero,
        lambda x: np.argwhere(x),
        samples(lambda rng: Sample((rng.integers(0, 2, (3, 4)) * 1.5,))),
        differentiable=False,
        integers=ALL_INTEGERS,
    ),
    Row(
        "cast",
        lambda x, to: sc.as_tensor(x).to(to),
        lambda x, to: x.astype(to.numpy_dtype),
        samples(*(draws((2, 3), to=to) for to in (sc.float32, sc.float64, sc.int64, sc.int32, sc.bool))),
        differentiable=False,
        failures=(Failure(lambda: sc.ones(2).to("cuda"), RuntimeError, "'cuda' is not available"),),
    ),
    Row(
        "copy",
        copied,
        lambda target, source: np.broadcast_to(source, target.shape),
        samples(draws((2, 3), (2, 3)), draws((2, 3), (3,)), draws((2, 2), ())),
        linear=True,
        failures=(
            Failure(lambda: sc.ones(2).copy_(sc.ones(3)), ValueError, "copy_"),
            Failure(lambda: sc.ones(1, 2).expand(2, 2).copy_(sc.ones(2, 2)), RuntimeError, "copy_: several elements"),
        ),
    ),
    Row(
        "full",
        lambda size, value: sc.full(size, value),
        lambda size, value: np.full(size, value),
        samples(
            Sample((), {"size": (2, 3), "value": 1.5}),
            Sample((), {"size": (), "value": 7}),
            Sample((), {"size": (0,), "value": True}),
        ),
        differentiable=False,
        failures=(
            Failure(lambda: sc.full((-1,), 1), ValueError, "full: size .* negative"),
            Failure(lambda: sc.full((2**62, 2**62), 1), ValueError, "more elements than can be addressed"),
        ),
    ),
]

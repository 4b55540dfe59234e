"""What every operator must do, for each row of the table: `optable.py`."""

import numpy as np
import pytest

import swiftconv as sc
from optable import Sample, all_rows, composed_rows

ROWS = {**all_rows(), **composed_rows()}


def rows(condition=lambda row: True):
    return pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in ROWS.values() if condition(row)])


def is_real(array):
    return array.dtype.kind == "f"


def cast(sample, dtype):
    """The sample with its floating-point arrays in another dtype."""
    return Sample(tuple(a.astype(dtype) if is_real(a) else a for a in sample.arrays), sample.arguments)


def as_outputs(result):
    return result if isinstance(result, tuple) else (result,)


def tolerance(dtype, row, count):
    """What sums of so many rounded numbers may be off by."""
    return np.finfo(dtype).eps * 16 * row.accuracy * max(count, 1) ** 0.5 if np.dtype(dtype).kind == "f" else 0


def check_result(row, sample, result):
    """Compare with the reference, which computes with the very same values in float64."""
    expected = as_outputs(
        row.reference(*(a.astype(np.float64) if is_real(a) else a for a in sample.arrays), **sample.arguments)
    )
    results = as_outputs(result)
    assert len(results) == len(expected)
    count = max((a.size for a in sample.arrays), default=1)
    for each, wanted in zip(results, expected, strict=True):
        wanted = np.asarray(wanted)
        assert tuple(each.shape) == wanted.shape
        allowed = tolerance(each.dtype.numpy_dtype, row, count)
        np.testing.assert_allclose(each.detach().numpy(), wanted, rtol=allowed, atol=allowed)


def tensors(sample):
    return [sc.from_numpy(np.asarray(a)) for a in sample.arrays]


@rows()
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_forward(row, dtype, rng):
    for sample in row.samples(rng):
        sample = cast(sample, dtype)
        result = row.call(*tensors(sample), **sample.arguments)
        check_result(row, sample, result)
        for each in as_outputs(result):
            kept = [a.dtype for a in sample.arrays if is_real(a)]
            if kept and each.dtype.is_floating_point and row.name != "cast":
                assert each.dtype.numpy_dtype == dtype


def whole(a, dtype):
    """Integers of about the same size, without signs where the dtype has none."""
    finite = np.where(np.isfinite(a), a, 0) * 3
    return np.asarray(np.abs(finite) if dtype in (np.uint8, np.bool_) else finite).astype(dtype)


def index_after(row, place):
    """Whether an array of the sample is positions and not elements."""
    return place > 0 and row.name in ("gather", "gather_index")


@rows(lambda row: row.integers)
def test_integers(row, rng):
    for sample in row.samples(rng):
        for dtype in row.integers:
            arrays = tuple(a if index_after(row, i) else whole(a, dtype) for i, a in enumerate(sample.arrays))
            # Sums are int64, whatever the elements are.
            wide = tuple(a.astype(np.int64) for a in arrays) if row.name in ("sum", "prod", "corr2d") else arrays
            result = row.call(*map(sc.from_numpy, map(np.asarray, arrays)), **sample.arguments)
            expected = row.reference(*wide, **sample.arguments)
            for each, wanted in zip(as_outputs(result), as_outputs(expected), strict=True):
                np.testing.assert_array_equal(each.numpy(), wanted)
                assert each.dtype.numpy_dtype.kind in "biu"


def transposed(a):
    return np.asfortranarray(a)


def reversed_memory(a):
    return np.ascontiguousarray(a[..., ::-1])[..., ::-1]


def every_other(a):
    wide = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)
    wide[..., ::2] = a
    return wide[..., ::2]


def repeated(a):
    return np.broadcast_to(a[..., :1], a.shape) if a.shape[-1] else a


def read_only(a):
    a = a.copy()
    a.flags.writeable = False
    return a


LAYOUTS = [transposed, reversed_memory, every_other, repeated, read_only]


@rows(lambda row: not row.keeps_layouts)
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_layouts(row, layout, rng):
    for sample in row.samples(rng):
        arrays = tuple(layout(a) if a.ndim else a for a in sample.arrays)
        strided = Sample(arrays, sample.arguments)
        check_result(row, strided, row.call(*map(sc.from_numpy, arrays), **sample.arguments))


# ---- Gradients -------------------------------------------------------------------------------------------------------


def first(result):
    return as_outputs(result)[0]


def numeric_gradient(function, arrays, position, step):
    """Central differences of a number with respect to one of the arrays."""
    result = np.zeros_like(arrays[position])
    for place in np.ndindex(*result.shape):
        values = []
        for sign in (1, -1):
            moved = [a.copy() for a in arrays]
            moved[position][place] += sign * step
            values.append(function(moved))
        result[place] = (values[0] - values[1]) / (2 * step)
    return result


def real_positions(row, sample):
    skipped = (1, 2) if row.name == "batch_norm" else ()
    return [i for i, a in enumerate(sample.arrays) if is_real(a) and i not in skipped]


def small(row, rng, limit):
    for sample in row.samples(rng):
        if 0 < max(a.size for a in sample.arrays) <= limit and any(map(is_real, sample.arrays)):
            yield cast(sample, np.float64)


@rows(lambda row: row.differentiable)
def test_gradient(row, rng):
    tried = 0
    for sample in small(row, rng, 150):
        inputs = tensors(sample)
        places = real_positions(row, sample)
        for place in places:
            inputs[place] = inputs[place].clone().requires_grad_()
        output = first(row.call(*inputs, **sample.arguments))
        if output.numel() == 0:
            continue
        cotangent = sc.from_numpy(rng.normal(size=tuple(output.shape)))
        found = sc.autograd.grad(output, [inputs[place] for place in places], cotangent, allow_unused=True)

        def along(arrays, sample=sample, cotangent=cotangent):
            result = first(row.call(*map(sc.from_numpy, map(np.asarray, arrays)), **sample.arguments))
            return (result * cotangent).sum().item()

        for place, gradient in zip(places, found, strict=True):
            wanted = numeric_gradient(along, list(sample.arrays), place, 0.5 if row.linear else 1e-6)
            got = np.zeros_like(wanted) if gradient is None else gradient.numpy()
            assert got.shape == sample.arrays[place].shape
            allowed = 1e-10 if row.linear else 2e-7
            np.testing.assert_allclose(
                got, wanted, rtol=allowed * 10, atol=allowed * max(1, np.abs(wanted).max(initial=0))
            )
        tried += 1
    assert tried, "no sample of this row has a gradient"


@rows(lambda row: row.is_twice_differentiable)
def test_second_derivative(row, rng):
    """The gradient of a directional derivative, against differences of the gradient."""
    for sample in small(row, rng, 40):
        places = real_positions(row, sample)
        shapes = [sample.arrays[place].shape for place in places]
        probe = first(row.call(*tensors(sample), **sample.arguments))
        if probe.numel() == 0:
            continue
        cotangent = sc.from_numpy(rng.normal(size=tuple(probe.shape)))
        directions = [sc.from_numpy(np.asarray(rng.normal(size=shape))) for shape in shapes]

        def slope(arrays, create_graph=False, sample=sample, places=places, cotangent=cotangent, directions=directions):
            inputs = [sc.from_numpy(np.asarray(a)) for a in arrays]
            for place in places:
                inputs[place] = inputs[place].clone().requires_grad_()
            leaves = [inputs[place] for place in places]
            output = first(row.call(*inputs, **sample.arguments))
            found = sc.autograd.grad(output, leaves, cotangent, create_graph=create_graph, allow_unused=True)
            pairs = zip(found, directions, strict=True)
            total = sum(((g * d).sum() for g, d in pairs if g is not None), start=sc.tensor(0.0, dtype=sc.float64))
            return total, leaves

        total, leaves = slope(sample.arrays, create_graph=True)
        if total.requires_grad:
            found = sc.autograd.grad(total, leaves, allow_unused=True)
        else:
            found = [None] * len(leaves)
        for place, gradient in zip(places, found, strict=True):
            wanted = numeric_gradient(lambda arrays: slope(arrays)[0].item(), list(sample.arrays), place, 1e-5)
            got = np.zeros_like(wanted) if gradient is None else gradient.numpy()
            np.testing.assert_allclose(got, wanted, rtol=2e-5, atol=2e-6 * max(1, np.abs(wanted).max(initial=0)))


@rows(lambda row: row.differentiable)
def test_gradient_of_float32(row, rng):
    """float32 gradients are those of float64, up to rounding."""
    for sample in small(row, rng, 300):
        found = []
        for dtype in (np.float64, np.float32):
            inputs = tensors(cast(sample, dtype))
            places = real_positions(row, sample)
            for place in places:
                inputs[place] = inputs[place].clone().requires_grad_()
            output = first(row.call(*inputs, **sample.arguments))
            leaves = [inputs[place] for place in places]
            gradients = sc.autograd.grad(output, leaves, sc.ones_like(output), allow_unused=True)
            found.append([None if g is None else g.numpy() for g in gradients])
        for exact, rounded in zip(*found, strict=True):
            assert (exact is None) == (rounded is None)
            if exact is not None:
                assert rounded.dtype == np.float32
                np.testing.assert_allclose(rounded, exact, rtol=1e-3, atol=1e-4 * max(1, np.abs(exact).max(initial=0)))


# ---- In place --------------------------------------------------------------------------------------------------------


@rows(lambda row: row.in_place is not None)
def test_in_place(row, rng):
    for sample in row.samples(rng):
        expected = row.call(*tensors(sample), **sample.arguments)
        target, *others = tensors(sample)
        target = target.clone()
        if expected.shape != target.shape:
            with pytest.raises(ValueError, match="does not fit|shape"):
                row.in_place(target, *others, **sample.arguments)
            continue
        address, version = target.data_ptr(), target._version
        result = row.in_place(target, *others, **sample.arguments)
        assert result is target
        assert target.data_ptr() == address
        assert target._version == version + 1
        np.testing.assert_array_equal(target.numpy(), expected.numpy())


@rows(lambda row: row.in_place is not None and row.differentiable)
def test_gradient_in_place(row, rng):
    for sample in small(row, rng, 40):
        found = []
        for in_place in (False, True):
            inputs = [each.clone().requires_grad_() for each in tensors(sample)]
            output = row.call(*inputs, **sample.arguments)
            if in_place:
                if output.shape != inputs[0].shape:
                    break
                output = row.in_place(inputs[0].clone(), *inputs[1:], **sample.arguments)
            found.append([g.numpy() for g in sc.autograd.grad((output * output).sum(), inputs)])
        if len(found) == 2:
            for plain, changed in zip(*found, strict=True):
                np.testing.assert_allclose(changed, plain, rtol=1e-12, atol=1e-12)


# ---- Errors ----------------------------------------------------------------------------------------------------------


FAILURES = [
    pytest.param(failure, id=f"{row.name}-{number}")
    for row in ROWS.values()
    for number, failure in enumerate(row.failures)
]


@pytest.mark.parametrize("failure", FAILURES)
def test_errors(failure):
    with pytest.raises(failure.exception, match=failure.text):
        failure.call()


@rows(lambda row: not row.differentiable)
def test_results_without_gradient(row, rng):
    """What has no gradient does not pretend to have one."""
    for sample in row.samples(rng):
        inputs = tensors(sample)
        if not inputs or not inputs[0].is_floating_point() or row.name == "cast":
            continue
        result = first(row.call(inputs[0].clone().requires_grad_(), *inputs[1:], **sample.arguments))
        if result.requires_grad:
            with pytest.raises(NotImplementedError, match=row.name):
                result.sum().backward()

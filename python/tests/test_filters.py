"""Hand-made kernels: what they do to polynomials, their sums and their symmetries."""

import math

import numpy
import pytest

import swiftconv as sc
from swiftconv import filters

DIRECTIONS = [(1, 0), (0, 1), (1, 1), (-2, 0.5), (0.6, -0.8)]


def polynomial(i, j, a, b):
    return i**a * j**b


def directional(v, order, i, j, a, b):
    """The derivative of a monomial along v, by the binomial theorem for the operator (v1 D1 + v2 D2) ** order."""

    def partial(x, power, times):
        return math.perm(power, times) * x ** (power - times) if times <= power else 0.0

    return sum(
        math.comb(order, k) * v[0] ** k * v[1] ** (order - k) * partial(i, a, k) * partial(j, b, order - k)
        for k in range(order + 1)
    )


def applied(kernel, a, b, middle=None):
    """The kernel on a monomial around a point, and that point: the kernel's middle unless given."""
    h, w = kernel.shape
    at = middle or ((h - 1) / 2, (w - 1) / 2)
    here = (1.5, -0.75)
    i, j = numpy.meshgrid(here[0] + numpy.arange(h) - at[0], here[1] + numpy.arange(w) - at[1], indexing="ij")
    return sc.corr2d(polynomial(i, j, a, b), kernel.numpy())[0, 0], here


def exact_degree(kernel, v, order, middle=None):
    """The highest degree up to which all polynomials have their derivative."""
    for degree in range(12):
        for a in range(degree + 1):
            got, (i, j) = applied(kernel, a, degree - a, middle)
            if abs(got - directional(v, order, i, j, a, degree - a)) > 1e-8:
                return degree - 1
    return 12


@pytest.mark.parametrize("order", range(6))
def test_the_smallest_derivative_has_order_plus_one_weights(order):
    kernel = filters.finite_difference(order, dtype=sc.float64)
    assert kernel.shape == (1, order + 1)
    binomials = [(-1) ** (order - k) * math.comb(order, k) for k in range(order + 1)]
    assert kernel.numpy()[0].tolist() == binomials
    # All polynomials of a degree below the size, and one more by symmetry.
    for degree in range(order + 2):
        got, (_, j) = applied(kernel, 0, degree)
        assert got == pytest.approx(directional((0, 1), order, 0, j, 0, degree), abs=1e-9)
    with pytest.raises(ValueError, match=f"needs at least {order + 1} weights"):
        filters.finite_difference(order, size=order)


def test_no_smaller_kernel_can_give_a_derivative():
    # A polynomial of degree d that is zero at all d places has a derivative of order d that is not zero.
    for order in range(1, 5):
        places = numpy.arange(order, dtype=float)
        assert numpy.allclose(numpy.polyval(numpy.poly(places), places), 0)
        assert numpy.polyder(numpy.poly(places), order)[-1] == math.factorial(order)


@pytest.mark.parametrize(("order", "size"), [(1, 2), (1, 3), (1, 8), (1, 9), (2, 3), (2, 5), (2, 8), (4, 9)])
def test_larger_differences_are_exact_for_higher_degrees(order, size):
    for axis in (0, 1):
        kernel = filters.finite_difference(order, size, axis=axis, dtype=sc.float64)
        assert kernel.shape == ((size, 1) if axis == 0 else (1, size))
        for degree in range(size):
            powers = (degree, 0) if axis == 0 else (0, degree)
            got, (i, j) = applied(kernel, *powers)
            v = (1, 0) if axis == 0 else (0, 1)
            assert got == pytest.approx(directional(v, order, i, j, *powers), rel=1e-9, abs=1e-7)


def test_known_weights():
    five = filters.finite_difference(2, size=5, dtype=sc.float64).numpy() * 12
    assert numpy.allclose(five, [[-1, 16, -30, 16, -1]], rtol=0, atol=1e-14)
    largest = filters.finite_difference(1, size=25, dtype=sc.float64).numpy()[0]
    assert numpy.array_equal(largest, -largest[::-1])
    ramp = sc.corr2d(numpy.arange(30.0)[None], largest[None])
    assert numpy.allclose(ramp, 1, atol=1e-12)


@pytest.mark.parametrize("v", DIRECTIONS)
@pytest.mark.parametrize(
    ("scheme", "degree"), [("central", 2), ("prewitt", 2), ("sobel", 2), ("scharr", 2), ("forward", 1), ("backward", 1)]
)
def test_first_derivatives(scheme, degree, v):
    kernel = filters.derivative(v, scheme, dtype=sc.float64)
    h, w = kernel.shape
    middle = {"forward": (0, 0), "backward": (h - 1, w - 1)}.get(scheme)
    assert exact_degree(kernel, v, 1, middle) >= degree
    assert abs(kernel.numpy().sum()) < 1e-12
    if middle is None:
        assert numpy.allclose(kernel.numpy(), -kernel.numpy()[::-1, ::-1])


@pytest.mark.parametrize("size", [3, 5, 7])
@pytest.mark.parametrize("v", DIRECTIONS)
def test_central_derivatives_of_several_sizes(size, v):
    kernel = filters.derivative(v, size=size, dtype=sc.float64)
    assert kernel.shape == (size if v[0] else 1, size if v[1] else 1)
    assert exact_degree(kernel, v, 1) >= size - 1


def test_edges_along_the_direction_are_not_seen():
    i, j = numpy.meshgrid(numpy.arange(12.0), numpy.arange(12.0), indexing="ij")
    v = numpy.array([2.0, 1.0]) / math.sqrt(5)
    across, along = 3 * (i * v[0] + j * v[1]), i * v[1] - j * v[0]
    for scheme in ("central", "forward", "sobel", "scharr", "prewitt"):
        kernel = filters.derivative(v, scheme, dtype=sc.float64).numpy()
        assert numpy.allclose(sc.corr2d(across, kernel), 3)
        assert numpy.allclose(sc.corr2d(along, kernel), 0)


def test_the_chapters_kernel():
    X = sc.ones(6, 8)
    X[:, 2:6] = 0
    K = -filters.derivative((0, 1), "forward")
    assert K.tolist() == [[1.0, -1.0]]
    assert sc.corr2d(X, K)[0].tolist() == [0, 1, 0, 0, 0, -1, 0]
    assert not sc.corr2d(X.t(), K).any()


@pytest.mark.parametrize("v", DIRECTIONS)
def test_second_derivatives(v):
    kernel = filters.second_derivative(v, dtype=sc.float64)
    assert kernel.shape == (3 if v[0] else 1, 3 if v[1] else 1)
    assert exact_degree(kernel, v, 2) >= 3
    assert numpy.allclose(kernel.numpy(), kernel.numpy()[::-1, ::-1])


@pytest.mark.parametrize(("neighbours", "scale"), [(4, 1), (8, 3)])
def test_laplacians(neighbours, scale):
    kernel = filters.laplacian(neighbours, dtype=sc.float64).numpy()
    assert kernel.sum() == 0 and numpy.array_equal(kernel, numpy.rot90(kernel)) and numpy.array_equal(kernel, kernel.T)
    normal = filters.laplacian(neighbours, normalize=True, dtype=sc.float64)
    assert numpy.allclose(normal.numpy() * scale, kernel)
    for a, b in ((0, 0), (1, 0), (2, 0), (1, 1), (0, 3), (2, 1)):
        got, (i, j) = applied(normal, a, b)
        wanted = directional((1, 0), 2, i, j, a, b) + directional((0, 1), 2, i, j, a, b)
        assert got == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(
    ("kernel", "row", "total"),
    [(filters.sobel, [-1, 0, 1], 8), (filters.scharr, [-3, 0, 3], 32), (filters.prewitt, [-1, 0, 1], 6)],
)
def test_classical_detectors(kernel, row, total):
    right = kernel(dtype=sc.float64).numpy()
    assert right[0].tolist() == row
    assert numpy.array_equal(kernel(axis=0, dtype=sc.float64).numpy(), right.T)
    assert numpy.allclose(kernel(normalize=True, dtype=sc.float64).numpy() * total, right)
    assert abs(right).sum() == total


def test_blurs_keep_the_mean_and_are_symmetric():
    for size in (1, 3, 5, (1, 7), (9, 3), 31):
        for kernel in (filters.box(size, dtype=sc.float64), filters.gaussian(size, dtype=sc.float64)):
            values = kernel.numpy()
            assert values.shape == ((size, size) if isinstance(size, int) else size)
            assert values.sum() == pytest.approx(1, abs=1e-12)
            assert numpy.array_equal(values, values[::-1, ::-1]) and (values >= 0).all()
            # A mean that is symmetric leaves a ramp alone.
            got, (i, j) = applied(kernel, 1, 0)
            assert got == pytest.approx(i, abs=1e-9)


def test_gaussian_is_separable_and_has_the_wanted_spread():
    kernel = filters.gaussian((1, 41), sigma=3.0, dtype=sc.float64).numpy()[0]
    places = numpy.arange(-20, 21)
    assert (kernel * places**2).sum() == pytest.approx(9, rel=1e-6)
    both = filters.gaussian((5, 7), sigma=(1.0, 2.0), dtype=sc.float64).numpy()
    assert numpy.linalg.matrix_rank(both) == 1
    assert filters.gaussian(3, sigma=5e-324).tolist() == filters.identity(3).tolist()


def test_box_averages_noise_away(rng):
    noise = rng.normal(size=(200, 200))
    assert sc.corr2d(noise, filters.box(5, dtype=sc.float64).numpy()).var() == pytest.approx(1 / 25, rel=0.1)


def test_sharpening_and_identity(rng):
    image = rng.normal(size=(7, 8))
    assert numpy.array_equal(sc.corr2d(image, filters.identity(3, dtype=sc.float64).numpy()), image[1:-1, 1:-1])
    for amount in (0, 0.5, 2):
        kernel = filters.sharpen(amount, dtype=sc.float64)
        assert kernel.numpy().sum() == pytest.approx(1)
        wanted = image[1:-1, 1:-1] - amount * sc.corr2d(image, filters.laplacian(dtype=sc.float64).numpy())
        assert numpy.allclose(sc.corr2d(image, kernel.numpy()), wanted)
    step = numpy.repeat([[0.0] * 4 + [1.0] * 4], 3, axis=0)
    sharper = sc.corr2d(step, filters.sharpen(dtype=sc.float64).numpy())[0]
    assert sharper.tolist() == [0, 0, -1, 2, 1, 1]


def test_dtypes():
    for make in (filters.box, filters.gaussian, filters.identity, filters.sharpen, filters.sobel, filters.laplacian):
        assert make().dtype is sc.float32
        assert make(dtype="float64").dtype is sc.float64
        with pytest.raises(TypeError, match="dtype must be float32 or float64"):
            make(dtype=sc.int64)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: filters.derivative((0, 0)), "must be finite and not zero"),
        (lambda: filters.derivative((float("nan"), 1)), "must be finite"),
        (lambda: filters.derivative((1, 2, 3)), "v must be two numbers"),
        (lambda: filters.derivative("ab"), "v must be two numbers"),
        (lambda: filters.derivative((1, 0), "sideways"), "scheme must be one of"),
        (lambda: filters.derivative((1, 0), size=4), "size must be odd"),
        (lambda: filters.derivative((1, 0), size=27), "from 3 to 25"),
        (lambda: filters.second_derivative((0, 0)), "second_derivative: v must"),
        (lambda: filters.finite_difference(-1), "must not be negative"),
        (lambda: filters.finite_difference(1, 26), "at most 25 weights"),
        (lambda: filters.finite_difference(1, axis=2), "axis must be 0"),
        (lambda: filters.sobel(axis=5), "axis must be 0"),
        (lambda: filters.laplacian(6), "neighbours must be 4 or 8"),
        (lambda: filters.box(4), "size must be odd"),
        (lambda: filters.gaussian(0), "size must be odd"),
        (lambda: filters.gaussian(3, sigma=0), "sigma must be one or two positive"),
        (lambda: filters.gaussian(3, sigma=(1, 2, 3)), "sigma must be one or two positive"),
        (lambda: filters.identity(-1), "size must be odd"),
        (lambda: filters.sharpen(float("inf")), "amount must be a finite number"),
    ],
)
def test_mistakes(make, text):
    with pytest.raises(ValueError, match=text):
        make()

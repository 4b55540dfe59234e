"""Each algorithm of convolution computes the same, gradients included; which one is chosen can be set and seen."""

import threading

import numpy as np
import pytest

import swiftconv as sc

F = sc.nn.functional
NAMES = ["auto", "strict", "direct", "gemm", "winograd", "fft", "reference"]

# x, weight, padding, groups: odd sizes, borders that tiles reach beyond, padding above the kernel's reach.
SHAPES = [
    ((2, 32, 13, 15), (33, 32, 3, 3), 1, 1),
    ((1, 70, 7, 7), (40, 70, 3, 3), 1, 1),
    ((3, 5, 4, 9), (6, 5, 3, 3), (3, 4), 1),
    ((2, 34, 10, 11), (38, 17, 3, 3), 0, 2),
    ((5, 16, 3, 3), (16, 16, 3, 3), 1, 1),
    ((9, 18, 3, 6), (35, 18, 3, 3), 1, 1),
    ((31, 2, 9, 8), (18, 1, 5, 4), 2, 2),
]


def draw(seed, *shapes, dtype=sc.float32):
    rng = np.random.default_rng(seed)
    return [sc.tensor(rng.standard_normal(shape), dtype=dtype) for shape in shapes]


def passes(name, x, weight, dy, padding, groups):
    """The result and both gradients, as arrays."""
    x, weight = x.detach().requires_grad_(), weight.detach().requires_grad_()
    with sc.conv_algorithm(name):
        y = F.conv2d(x, weight, padding=padding, groups=groups)
        y.backward(dy)
    return [each.detach().numpy() for each in (y, x.grad, weight.grad)]


@pytest.mark.parametrize("dtype", [sc.float32, sc.float64], ids=str)
@pytest.mark.parametrize("name", NAMES[:-1])
@pytest.mark.parametrize(("x_shape", "weight_shape", "padding", "groups"), SHAPES)
def test_all_algorithms_agree(name, dtype, x_shape, weight_shape, padding, groups):
    x, weight = draw(1, x_shape, weight_shape, dtype=dtype)
    (dy,) = draw(2, F.conv2d(x, weight, padding=padding, groups=groups).shape, dtype=dtype)
    found = passes(name, x, weight, dy, padding, groups)
    expected = passes("reference", x, weight, dy, padding, groups)
    bound = 1e-5 if dtype == sc.float32 else 1e-14
    for what, a, b in zip(("y", "dx", "dw"), found, expected, strict=True):
        assert np.abs(a - b).max() <= bound * max(np.sqrt((b**2).mean()), 1e-30), what


@pytest.mark.parametrize("dtype", [sc.float32, sc.float64], ids=str)
@pytest.mark.parametrize("has_bias", [False, True])
@pytest.mark.parametrize(
    ("x_shape", "weight_shape", "stride", "padding"),
    [
        ((2, 3, 9, 64), (20, 3, 3, 3), 1, 1),  # whole vectors
        ((3, 2, 5, 60), (9, 2, 3, 5), 1, (1, 2)),  # the last tile begins within the one before
        ((1, 1, 3, 701), (5, 1, 1, 4), 1, 0),  # rows that are cut
        ((2, 1, 12, 96), (17, 1, 7, 7), 2, 3),  # taps of two phases
    ],
)
def test_long_rows_of_few_channels(x_shape, weight_shape, stride, padding, has_bias, dtype):
    x, weight, bias = draw(8, x_shape, weight_shape, weight_shape[:1], dtype=dtype)
    found = []
    for name in ("auto", "gemm", "reference"):
        with sc.conv_algorithm(name):
            found.append(F.conv2d(x, weight, bias if has_bias else None, stride, padding).numpy())
    for each in found[:2]:
        np.testing.assert_allclose(each, found[2], rtol=0, atol=1e-5 if dtype == sc.float32 else 1e-13)


def test_results_beyond_the_cache():
    """Large results are written past the caches where their rows are whole vectors, unless there is a bias to add."""
    x, weight = draw(9, (1, 3, 224, 224), (64, 3, 3, 3))
    found = F.conv2d(x, weight, padding=1)
    np.testing.assert_array_equal(found.numpy(), F.conv2d(x, weight, sc.zeros(64), padding=1).numpy())


@pytest.mark.parametrize("dtype", [sc.float32, sc.float64], ids=str)
@pytest.mark.parametrize(
    ("x_shape", "weight_shape", "options"),
    [
        ((2, 3, 40, 50), (64, 3, 3, 3), {"padding": 1}),
        ((1, 3, 70, 130), (32, 3, 11, 11), {"stride": 4, "padding": 1}),
        ((2, 1, 33, 96), (40, 1, 7, 7), {"stride": 2, "padding": 3}),
        ((1, 6, 37, 101), (64, 3, 3, 5), {"stride": 2, "padding": 2, "groups": 2}),
        ((1, 3, 33, 130), (32, 3, 2, 3), {"stride": 3}),  # rows and columns that no tap reaches
        ((1, 2, 30, 70), (33, 2, 3, 3), {"stride": 2, "padding": 4, "dilation": 3}),
        ((1, 2, 9, 70), (47, 2, 9, 3), {}),
        ((1, 3, 20, 80), (32, 3, 1, 2), {"stride": (3, 5)}),
    ],
)
def test_input_gradients_of_few_channels(x_shape, weight_shape, options, dtype):
    x, weight = draw(10, x_shape, weight_shape, dtype=dtype)
    assert "overlap" in sc.explain(x_shape, weight_shape, **options)[1].reason
    found = []
    for name, threads in (("auto", 1), ("auto", 2), ("reference", 2)):
        before = sc.get_num_threads()
        sc.set_num_threads(threads)
        try:
            image = x.detach().requires_grad_()
            with sc.conv_algorithm(name):
                y = F.conv2d(image, weight, **options)
                y.backward(draw(11, y.shape, dtype=dtype)[0])
        finally:
            sc.set_num_threads(before)
        found.append(image.grad.numpy())
    np.testing.assert_array_equal(found[0], found[1])
    bound = (1e-5 if dtype == sc.float32 else 1e-13) * np.sqrt((found[2] ** 2).mean())
    np.testing.assert_allclose(found[0], found[2], rtol=0, atol=bound)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_adjoints(name):
    x, weight = draw(3, (2, 20, 9, 10), (24, 20, 3, 3), dtype=sc.float64)
    (dy,) = draw(4, (2, 24, 9, 10), dtype=sc.float64)
    y, dx, dw = passes(name, x, weight, dy, 1, 1)
    product = (dy.numpy() * y).sum()
    assert np.isclose((dx * x.numpy()).sum(), product, rtol=1e-11)
    assert np.isclose((dw * weight.numpy()).sum(), product, rtol=1e-11)


@pytest.mark.parametrize("name", ["winograd", "gemm"])
def test_second_derivatives(name):
    x, weight = draw(5, (1, 3, 5, 6), (4, 3, 3, 3), dtype=sc.float64)
    with sc.conv_algorithm(name):
        assert sc.autograd.gradgradcheck(
            lambda x, w: F.conv2d(x, w, padding=1), (x.requires_grad_(), weight.requires_grad_()), fast_mode=True
        )


def test_strided_arrays_enter_winograd_as_they_are():
    rng = np.random.default_rng(6)
    x = rng.standard_normal((9, 8, 2, 40)).astype(np.float32).transpose(2, 3, 0, 1)[:, ::2]
    weight = rng.standard_normal((3, 3, 24, 20)).astype(np.float32).transpose(2, 3, 1, 0)
    results = []
    for name in ("winograd", "reference"):
        with sc.conv_algorithm(name):
            results.append(F.conv2d(sc.from_numpy(x), sc.from_numpy(weight), padding=1).numpy())
    assert np.abs(results[0] - results[1]).max() < 1e-4


@pytest.mark.parametrize("dtype", [sc.float32, sc.float64])
@pytest.mark.parametrize(("images", "size"), [(1, 1), (1, 3), (1, 7), (2, 5), (1, 12), (4, 7), (1, 14), (17, 3)])
def test_few_tiles(images, size, dtype):
    # 4x4 results make a tile; up to 16 of them are multiplied while the weight is transformed
    x, weight, dy = draw(9, (images, 75, size, size), (41, 75, 3, 3), (images, 41, size, size), dtype=dtype)
    expected = passes("reference", x, weight, dy, 1, 1)
    limit = 2e-5 if dtype == sc.float32 else 1e-13
    for result, reference in zip(passes("winograd", x, weight, dy, 1, 1), expected, strict=True):
        assert np.abs(result - reference).max() < limit * max(1.0, np.sqrt(np.mean(np.square(reference))))


@pytest.mark.parametrize(
    ("n", "ic", "size", "oc"),
    [(3, 48, (17, 19), 50), (1, 128, (28, 28), 128), (1, 130, (7, 9), 90), (1, 70, (14, 14), 33)],
)
def test_results_do_not_depend_on_threads(n, ic, size, oc):
    x, weight, dy = draw(7, (n, ic, *size), (oc, ic, 3, 3), (n, oc, *size))
    before = sc.get_num_threads()
    try:
        results = []
        for threads in (1, 2, 5):
            sc.set_num_threads(threads)
            results.append(passes("winograd", x, weight, dy, 1, 1))
    finally:
        sc.set_num_threads(before)
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            assert np.array_equal(a, b)


def test_strict_keeps_infinities_where_they_belong():
    x, weight = draw(8, (1, 64, 24, 24), (64, 64, 3, 3))
    x[0, 0, 5, 5] = float("inf")
    with sc.conv_algorithm("strict"):
        y = F.conv2d(x, weight, padding=1).numpy()
    assert np.isfinite(y).sum() == y.size - 64 * 9


def test_setting_and_blocks():
    assert sc.get_conv_algorithm() == "auto"
    with sc.conv_algorithm("gemm"):
        with sc.conv_algorithm("winograd"):
            assert sc.get_conv_algorithm() == "winograd"
        assert sc.get_conv_algorithm() == "gemm"
    assert sc.get_conv_algorithm() == "auto"
    sc.conv_algorithm("reference")
    assert sc.get_conv_algorithm() == "reference"
    sc.conv_algorithm("auto")

    @sc.conv_algorithm("strict")
    def inside():
        return sc.get_conv_algorithm()

    assert (sc.get_conv_algorithm(), inside(), sc.get_conv_algorithm()) == ("auto", "strict", "auto")


def test_every_thread_has_its_own():
    seen = []
    with sc.conv_algorithm("gemm"):
        thread = threading.Thread(target=lambda: seen.append(sc.get_conv_algorithm()))
        thread.start()
        thread.join()
    assert seen == ["auto"]


def test_other_names():
    with pytest.raises(ValueError, match="'fastest'; there are 'auto', 'strict', .*'reference'"):
        sc.conv_algorithm("fastest")
    with pytest.raises(TypeError, match="expected a name"):
        sc.conv_algorithm(3)
    assert sc.get_conv_algorithm() == "auto"


def test_explain():
    found = sc.explain(sc.ones(8, 64, 28, 28), sc.ones(64, 64, 3, 3), padding=1)
    assert [choice.algorithm for choice in found] == ["winograd F(4x4, 3x3)"] * 3
    with sc.conv_algorithm("strict"):
        assert {choice.algorithm for choice in sc.explain((8, 64, 28, 28), (64, 64, 3, 3), padding=1)} == {"gemm"}
    with sc.conv_algorithm("winograd"):
        (forward, *_) = sc.explain((8, 64, 28, 28), (64, 64, 3, 3), stride=2)
        assert forward.algorithm == "gemm" and "stride" in forward.reason
    assert sc.explain((1, 512, 7, 7), (512, 512, 3, 3), padding=1)[0].algorithm == "winograd F(4x4, 3x3)"
    assert sc.explain((1, 256, 6, 6), (256, 256, 3, 3), padding=1)[0].algorithm == "winograd F(2x2, 3x3)"
    assert sc.explain((32, 512, 3, 3), (512, 512, 3, 3), padding=1)[2].algorithm == "winograd F(3x3, 3x3)"
    pointwise = sc.explain((8, 64, 28, 28), (64, 64, 1, 1))
    assert all(choice.algorithm == "gemm" and "1x1 kernel" in choice.reason for choice in pointwise)
    assert "along the images" in sc.explain((64, 1, 28, 28), (6, 1, 5, 5), padding=2)[0].reason
    assert "registers" in sc.explain((8, 64, 28, 28), (64, 64, 5, 5))[0].reason
    assert "stride 2" in str(sc.explain((8, 64, 28, 28), (64, 64, 3, 3), stride=2))
    assert "<table" in sc.explain((8, 64, 28), (64, 64, 3))._repr_html_()


def test_explain_refuses_what_a_convolution_refuses():
    with pytest.raises(ValueError, match="channels"):
        sc.explain((1, 3, 8, 8), (4, 2, 3, 3))
    with pytest.raises(ValueError, match="kernel is larger"):
        sc.explain((1, 3, 2, 2), (4, 3, 3, 3))
    with pytest.raises(ValueError, match="axes"):
        sc.explain((8,), (3,))
    with pytest.raises(ValueError, match="axes"):
        sc.explain((1, 3, 8, 8), (4, 3, 3))


def test_explain_of_planes():
    assert sc.explain((512, 512), (3, 3))[0].algorithm == "direct"
    assert sc.explain((512, 512), (63, 63))[0].algorithm == "fft"
    with sc.conv_algorithm("strict"):
        assert sc.explain((512, 512), (63, 63))[0].algorithm == "direct"


@pytest.mark.parametrize("name", NAMES)
def test_algorithms_of_planes_agree(name):
    X, K = draw(9, (80, 90), (17, 19))
    with sc.conv_algorithm("reference"):
        expected = sc.corr2d(X, K).numpy()
    with sc.conv_algorithm(name):
        assert np.abs(sc.corr2d(X, K).numpy() - expected).max() < 1e-3

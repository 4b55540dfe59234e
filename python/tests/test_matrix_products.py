"""Matrix products, linear layers and 1x1 convolutions of sizes at which the work is cut: several steps of the depth,
several blocks of columns, tiles that the result does not fill, and factors at any strides."""

import numpy as np
import pytest

import swiftconv as sc
import swiftconv.nn.functional as F

LAYOUTS = {
    "rows": lambda x: np.ascontiguousarray(x),
    "columns": lambda x: np.asfortranarray(x),
    "every second": lambda x: np.repeat(np.repeat(x, 2, 0), 2, 1)[::2, ::2],
    "reversed": lambda x: np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1],
}
# m, n, k
SIZES = [
    (256, 120, 400),
    (84, 120, 256),
    (33, 17, 1100),
    (128, 128, 128),
    (1024, 49, 1024),
    (1027, 130, 1024),
    (70, 1500, 65),
    (16, 700, 513),
    (250, 1, 300),
    (300, 1030, 770),
]


def draws(*shape, dtype="float32", seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def assert_close(result, expected, terms):
    result = np.asarray(result)
    assert result.shape == expected.shape
    scale = np.finfo(result.dtype).eps * np.sqrt(terms) * 6
    assert np.abs(result - expected).max() <= scale * max(1.0, np.abs(expected).max())


@pytest.fixture(params=[1, 2, 5])
def threads(request):
    before = sc.get_num_threads()
    sc.set_num_threads(request.param)
    yield request.param
    sc.set_num_threads(before)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("m", "n", "k"), SIZES)
def test_products_of_all_layouts(m, n, k, dtype, threads):
    a, b = draws(m, k, dtype=dtype), draws(k, n, dtype=dtype, seed=1)
    expected = a.astype("float64") @ b.astype("float64")
    results = set()
    for left in LAYOUTS.values():
        for right in LAYOUTS.values():
            result = (sc.from_numpy(left(a)) @ sc.from_numpy(right(b))).numpy()
            assert_close(result, expected, k)
            results.add(result.tobytes())
    # The order of the sums does not depend on where the numbers are.
    assert len(results) == 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("m", "n", "k"), SIZES)
def test_linear_and_its_gradients(m, n, k, dtype, threads):
    x, w, bias, g = (draws(*s, dtype=dtype, seed=i) for i, s in enumerate([(m, k), (n, k), (n,), (m, n)]))
    tensors = [sc.tensor(array, requires_grad=True) for array in (x, w, bias)]
    y = F.linear(*tensors)
    y.backward(sc.tensor(g))
    x, w, bias, g = (array.astype("float64") for array in (x, w, bias, g))
    assert_close(y.detach().numpy(), x @ w.T + bias, k)
    for tensor, expected, terms in zip(tensors, (g @ w, g.T @ x, g.sum(0)), (n, m, m), strict=True):
        assert_close(tensor.grad.numpy(), expected, terms)


@pytest.mark.parametrize(
    ("images", "channels", "outputs", "size"),
    [(1, 64, 128, (14, 15)), (9, 40, 33, (5, 5)), (30, 17, 64, (3, 1)), (2, 600, 50, (7, 7)), (3, 5, 70, (40, 41))],
)
def test_pointwise_convolutions(images, channels, outputs, size, threads):
    x, w, bias = draws(images, channels, *size), draws(outputs, channels, 1, 1, seed=1), draws(outputs, seed=2)
    g = draws(images, outputs, *size, seed=3)
    tensors = [sc.tensor(array, requires_grad=True) for array in (x, w, bias)]
    y = F.conv2d(*tensors)
    y.backward(sc.tensor(g))
    x, w, bias, g = (array.astype("float64") for array in (x, w[:, :, 0, 0], bias, g))
    assert_close(y.detach().numpy(), np.einsum("nchw,oc->nohw", x, w) + bias[:, None, None], channels)
    assert_close(tensors[0].grad.numpy(), np.einsum("nohw,oc->nchw", g, w), outputs)
    terms = images * size[0] * size[1]
    assert_close(tensors[1].grad.numpy()[:, :, 0, 0], np.einsum("nohw,nchw->oc", g, x), terms)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layout", ["rows", "columns", "every second"])
@pytest.mark.parametrize(("channels", "outputs"), [(64, 128), (1040, 67), (67, 544)])
@pytest.mark.parametrize("size", [(7, 7), (1, 17), (3, 3)])
def test_one_place_more_than_fills_vectors(size, channels, outputs, layout, dtype, threads):
    shapes = (channels, *size), (outputs, channels), (outputs,)
    x, w, bias = (draws(*shape, dtype=dtype, seed=seed) for seed, shape in enumerate(shapes))
    g = draws(outputs, *size, dtype=dtype, seed=3)
    tensors = [sc.tensor(x)[None], sc.from_numpy(LAYOUTS[layout](w))[:, :, None, None], sc.tensor(bias)]
    for tensor in tensors:
        tensor.requires_grad_()
    y = F.conv2d(*tensors)
    x, w, bias, g = (array.astype("float64") for array in (x, w, bias, g))
    assert_close(y.detach().numpy()[0], np.einsum("chw,oc->ohw", x, w) + bias[:, None, None], channels)
    (dx,) = sc.autograd.grad(y, [tensors[0]], sc.tensor(g.astype(dtype))[None])
    assert_close(dx.numpy()[0], np.einsum("ohw,oc->chw", g, w), outputs)


def test_results_do_not_depend_on_threads():
    before = sc.get_num_threads()
    results = []
    try:
        for count in (1, 2, 3, 8):
            sc.set_num_threads(count)
            outputs = []
            for m, n, k in SIZES:
                a, b = sc.tensor(draws(m, k)), sc.tensor(draws(n, k, seed=1))
                outputs += [F.linear(a, b, sc.tensor(draws(n))), a @ b.T, (b @ a.T).T]
            for shape in (8, 64, 9, 9), (1, 64, 7, 7):
                x, w = (sc.tensor(draws(*s), requires_grad=True) for s in (shape, (96, 64, 1, 1)))
                y = F.conv2d(x, w)
                y.backward(sc.tensor(draws(*y.shape, seed=4)))
                outputs += [y.detach(), x.grad, w.grad]
            results.append([output.numpy().tobytes() for output in outputs])
    finally:
        sc.set_num_threads(before)
    assert results[1:] == results[:1] * 3

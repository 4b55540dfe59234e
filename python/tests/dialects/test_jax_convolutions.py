"""Convolutions and borders that JAX has and PyTorch has not, against NumPy."""

import numpy as np
import pytest

import references as ref
import swiftconv.jax as jax
import swiftconv.jax.numpy as jnp

convolve = jax.lax.conv_general_dilated
X = np.random.default_rng(0).standard_normal((4, 3, 6, 5)).astype(np.float32)
K = np.random.default_rng(1).standard_normal((8, 3, 3, 2)).astype(np.float32)
PADDING = ((1, 2), (0, 3))


def spread(x, rows, columns):
    result = np.zeros((*x.shape[:2], (x.shape[2] - 1) * rows + 1, (x.shape[3] - 1) * columns + 1))
    result[:, :, ::rows, ::columns] = x
    return result


def expected(x, kernel, strides=(1, 1), dilation=(1, 1)):
    padded = np.pad(x.astype(np.float64), ((0, 0), (0, 0), *PADDING))
    return ref.convolution(padded, kernel.astype(np.float64), stride=strides, dilation=dilation)


@pytest.mark.parametrize("apart", [(1, 1), (2, 3), (1, 2)])
@pytest.mark.parametrize(("strides", "dilation"), [((1, 1), (1, 1)), ((2, 1), (1, 2))])
def test_images_with_holes(apart, strides, dilation):
    found = convolve(jnp.array(X), jnp.array(K), strides, PADDING, lhs_dilation=apart, rhs_dilation=dilation)
    np.testing.assert_allclose(found, expected(spread(X, *apart), K, strides, dilation), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_groups_of_images(groups):
    parts = zip(np.split(X, groups), np.split(K, groups), strict=True)
    wanted = np.concatenate([expected(spread(x, 2, 1), k) for x, k in parts], 1)
    found = convolve(jnp.array(X), jnp.array(K), (1, 1), PADDING, (2, 1), batch_group_count=groups)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)
    letters = ("NHWC", "HWIO", "NHWC")
    images, kernel = jnp.array(X.transpose(0, 2, 3, 1)), jnp.array(K.transpose(2, 3, 1, 0))
    found = convolve(images, kernel, (1, 1), PADDING, (2, 1), None, letters, batch_group_count=groups)
    np.testing.assert_allclose(found.transpose((0, 3, 1, 2)), wanted, rtol=1e-5, atol=1e-5)


def test_gradients_reach_images_and_kernels():
    """Of a sum of products with fixed numbers, which is linear in both."""

    def loss(x, k):
        y = convolve(x, k, (1, 1), PADDING, (2, 2), batch_group_count=2)
        return (y * jnp.sin(jnp.arange(float(y.size)).reshape(y.shape))).sum()

    of_x, of_k = jax.grad(loss, (0, 1))(jnp.array(X), jnp.array(K))
    value = float(loss(jnp.array(X), jnp.array(K)))
    assert float((of_x * X).sum()) == pytest.approx(value, rel=1e-4, abs=1e-2)
    assert float((of_k * K).sum()) == pytest.approx(value, rel=1e-4, abs=1e-2)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"batch_group_count": 3}, "batch_group_count is 3, which does not divide 4 images and 8 outputs"),
        ({"batch_group_count": 0}, "batch_group_count is 0"),
        ({"batch_group_count": 2, "feature_group_count": 3}, "must be 1"),
        ({"lhs_dilation": (0, 1)}, r"lhs_dilation is \(0, 1\), expected positive"),
        ({"lhs_dilation": (2, 1), "padding": "SAME"}, "padding must be pairs of numbers"),
    ],
)
def test_errors(settings, text):
    with pytest.raises(ValueError, match=text):
        convolve(jnp.array(X), jnp.array(K), (1, 1), **{"padding": PADDING, **settings})


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric", "wrap"])
@pytest.mark.parametrize("width", [0, 1, ((0, 2), (3, 1)), ((7, 5), (9, 0))])
def test_borders(mode, width):
    for array in (np.arange(12).reshape(3, 4), X[0, 0]):
        found = jnp.pad(jnp.array(array), width, mode=mode)
        np.testing.assert_array_equal(found, np.pad(array, width, mode))
        assert found.dtype == jnp.array(array).dtype


@pytest.mark.parametrize("mode", ["edge", "reflect", "symmetric", "wrap"])
def test_gradients_of_borders(mode):
    x = jnp.array(X[0, 0, :3, :4])
    found = jax.grad(lambda x: jnp.pad(x, ((2, 1), (3, 5)), mode=mode).sum())(x)
    places = np.pad(np.arange(12).reshape(3, 4), ((2, 1), (3, 5)), mode)
    np.testing.assert_array_equal(found, np.bincount(places.ravel(), minlength=12).reshape(3, 4))


def test_borders_that_are_computed_are_refused():
    with pytest.raises(NotImplementedError, match=r"pad: mode 'mean' is not in swiftconv's jax dialect; use one of"):
        jnp.pad(jnp.ones(3), 1, mode="mean")

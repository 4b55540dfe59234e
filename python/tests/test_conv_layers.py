"""Convolutional layers whose settings, weights and classes change between calls."""

import numpy as np
import pytest

import swiftconv as sc
from swiftconv import nn
from swiftconv.nn import functional as F

IMAGES = sc.tensor(np.random.default_rng(0).standard_normal((2, 2, 6, 7)).astype(np.float32))


def layer(**settings):
    return nn.Conv2d(2, 4, 3, **settings)


def expected(made, images=IMAGES):
    return F.conv2d(images, made.weight, made.bias, made.stride, made.padding, made.dilation, made.groups)


def assert_same(a, b):
    np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())


@pytest.mark.parametrize(
    ("name", "value"),
    [("stride", (2, 1)), ("padding", (1, 2)), ("padding", "same"), ("dilation", (2, 2)), ("bias", None)],
)
def test_settings_count_from_the_next_call_on(name, value):
    made = layer()
    first = made(IMAGES)
    setattr(made, name, value)
    result = made(IMAGES)
    assert_same(result, expected(made))
    assert first.shape != result.shape or not np.array_equal(first.detach().numpy(), result.detach().numpy())


def test_a_plan_is_made_anew_for_other_shapes():
    made = layer(padding=1)
    for images in (IMAGES, IMAGES[:1], IMAGES[..., 1:], IMAGES):
        result = made(images)
        assert result.shape == (images.shape[0], 4, *images.shape[2:])
        assert_same(result, expected(made, images))
    made.weight.data = sc.ones(4, 2, 5, 5)
    assert made(IMAGES).shape == (2, 4, 4, 5)


def test_gradients_after_calls_of_other_shapes():
    """The weight's plan belongs to the latest call, the gradients to an earlier one."""
    made = layer(padding=1)
    early = made(IMAGES)
    made(IMAGES[:1, :, 1:])
    early.sum().backward()
    again = layer(padding=1)
    again.load_state_dict(made.state_dict())
    again(IMAGES).sum().backward()
    assert_same(made.weight.grad, again.weight.grad)
    assert_same(made.bias.grad, again.bias.grad)


def test_what_a_call_before_allowed_is_still_checked():
    made = layer()
    made(IMAGES)
    with pytest.raises(TypeError, match="x is float64 but weight is float32"):
        made(IMAGES.double())
    with pytest.raises(ValueError, match="channels"):
        made(sc.zeros(2, 3, 6, 7))
    made.bias = nn.Parameter(sc.zeros(3))
    with pytest.raises(ValueError, match="bias has shape"):
        made(IMAGES)
    made.bias = nn.Parameter(sc.zeros(4, dtype=sc.float64))
    with pytest.raises(TypeError, match="bias is float64"):
        made(IMAGES)


class Standardized(nn.Conv2d):
    @property
    def stride(self):
        return 2, 2

    @stride.setter
    def stride(self, value):
        self.__dict__["stride"] = value


def test_attributes_of_a_subclass_come_first():
    made = Standardized(2, 4, 3)
    assert_same(made(IMAGES), F.conv2d(IMAGES, made.weight, made.bias, (2, 2)))


def test_what_hides_a_parameter_is_used():
    made = layer()
    weight = sc.ones(4, 2, 3, 3)
    object.__setattr__(made, "weight", weight)
    assert_same(made(IMAGES), F.conv2d(IMAGES, weight, made.bias))


def test_arrays_are_inputs():
    made = layer()
    assert_same(made(IMAGES.numpy()), made(IMAGES))


def test_other_borders():
    made = layer(padding=1, padding_mode="circular")
    padded = F.pad(IMAGES, (1, 1, 1, 1), "circular")
    assert_same(made(IMAGES), F.conv2d(padded, made.weight, made.bias))


@pytest.mark.parametrize("count", [0, 1, 3, 6, 7, 8])
def test_many_lists_of_attributes(count):
    """More lists of integers than the library keeps, each with its own result."""
    x = sc.arange(200)
    for _ in range(2):
        for start in range(0, 150):
            part = x[start : start + count]
            assert part.tolist() == list(range(start, start + count))


@pytest.mark.parametrize("width", range(2, 14))
def test_rows_of_every_length(width):
    """Small kernels take the elements of a row four at a time, and what is left one by one."""
    rng = np.random.default_rng(width)
    x, w = rng.standard_normal((1, 1, 3, width)), rng.standard_normal((1, 1, 1, 2))
    images, weight = sc.tensor(x, requires_grad=True), sc.tensor(w, requires_grad=True)
    y = F.conv2d(images, weight)
    dy = rng.standard_normal(y.shape)
    y.backward(sc.tensor(dy))
    np.testing.assert_allclose(y.detach().numpy(), x[..., :-1] * w[..., 0] + x[..., 1:] * w[..., 1], rtol=1e-12)
    slopes = [(x[..., :-1] * dy).sum(), (x[..., 1:] * dy).sum()]
    np.testing.assert_allclose(weight.grad.numpy().ravel(), slopes, rtol=1e-10, atol=1e-12)

"""Corners of the frameworks where a result could be silently another one; the values are the frameworks' own."""

import numpy as np
import pytest

import swiftconv.jax as jax
import swiftconv.tensorflow as tf
from swiftconv.jax import numpy as jnp
from swiftconv.mxnet import autograd, npx
from swiftconv.mxnet import np as mnp

# ---- JAX -------------------------------------------------------------------------------------------------------------

X = np.arange(24).reshape(2, 3, 4)
INDICES = [
    np.s_[::-1, ::-1],
    np.s_[..., ::-1],
    np.s_[..., ::-2, 1],
    np.s_[::-1, None, 2:0:-1],
    np.s_[None, ..., 3:0:-2],
    np.s_[-1:-5:-1],
    np.s_[0, 2:10:-1],
    np.s_[:, np.array([0, 2]), ::-1],
    np.s_[0, ::-1, np.array([0, 1])],
    np.s_[:, np.array([True, False, True]), ::-1],
]


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_jax_reads_backward(index):
    np.testing.assert_array_equal(jnp.array(X)[index], X[index])


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_jax_writes_backward(index):
    wanted = X.copy()
    wanted[index] = np.arange(X[index].size).reshape(X[index].shape)
    found = jnp.array(X).at[index].set(jnp.array(wanted[index]))
    np.testing.assert_array_equal(found, wanted)


def test_gradients_of_walking_backward():
    slopes = jax.grad(lambda a: (a[::-1, ::-1] * jnp.arange(4.0).reshape(2, 2)).sum())(jnp.ones((2, 2)))
    assert slopes.tolist() == [[3, 2], [1, 0]]
    slopes = jax.grad(lambda a: (a.at[::-1].set(2 * a) * jnp.arange(3.0)).sum())(jnp.ones(3))
    assert slopes.tolist() == [4, 2, 0]


def test_jax_drops_what_is_written_outside():
    zeros = jnp.zeros(3)
    assert zeros.at[10].set(5.0).tolist() == zeros.at[-10].add(5.0).tolist() == [0, 0, 0]
    assert jnp.zeros((2, 2)).at[5, 1].multiply(2.0).tolist() == [[0, 0], [0, 0]]
    assert jnp.arange(3)[10] == 2 and zeros.at[-1].set(2.0).tolist() == [0, 0, 2]


def test_jax_adds_to_a_place_as_often_as_it_is_named():
    assert jnp.zeros((2, 2)).at[:, jnp.array([0, 0])].add(1.0).tolist() == [[2, 0], [2, 0]]
    assert jnp.zeros((2, 2)).at[::-1, jnp.array([0, 1, 1])].add(jnp.arange(6.0).reshape(2, 3)).tolist() == [
        [3, 9],
        [0, 3],
    ]
    for name in ("multiply", "divide", "power", "min", "max"):
        with pytest.raises(NotImplementedError, match="a place is named twice"):
            getattr(jnp.ones(3).at[jnp.array([0, 0])], name)(2.0)
        getattr(jnp.ones(3).at[jnp.array([0, 2])], name)(2.0)


def test_jax_counts_the_first_axis_first_in_order_f():
    x = np.arange(6)
    for shape in [(2, 3), (3, -1), (-1,)]:
        np.testing.assert_array_equal(jnp.arange(6).reshape(shape, order="F"), x.reshape(shape, order="F"))
    np.testing.assert_array_equal(jnp.array(X).flatten("F"), X.flatten("F"))
    np.testing.assert_array_equal(jnp.ravel(jnp.array(X), "F"), X.ravel("F"))
    with pytest.raises(NotImplementedError, match="reshape: order 'A'"):
        jnp.arange(6).reshape(2, 3, order="A")


def test_jax_norms():
    matrix = np.array([[3.0, -4.0, 1.0], [6.0, 8.0, 0.0]], np.float32)
    for ord in (None, "fro", 1, -1, np.inf, -np.inf):
        found = jnp.linalg.norm(jnp.array(matrix), ord)
        np.testing.assert_allclose(found, np.linalg.norm(matrix, ord), rtol=1e-6)
        found = jnp.linalg.norm(jnp.array(matrix), ord, axis=(1, 0), keepdims=True)
        np.testing.assert_allclose(found, np.linalg.norm(matrix, ord, axis=(1, 0), keepdims=True), rtol=1e-6)
    for ord in (None, 0, 1, 2, 3, np.inf, -np.inf):
        found = jnp.linalg.norm(jnp.array(matrix), ord, axis=1)
        np.testing.assert_allclose(found, np.linalg.norm(matrix, ord, axis=1), rtol=1e-6)
    with pytest.raises(NotImplementedError, match="norm: ord 2 over 2 axes"):
        jnp.linalg.norm(jnp.array(matrix), 2)


def test_jax_numbers_that_are_none():
    x = jnp.array([jnp.nan, jnp.inf, -jnp.inf, 1.0])
    largest = np.finfo(np.float32).max
    assert jnp.nan_to_num(x).tolist() == [0, largest, -largest, 1]
    assert jnp.nan_to_num(x, nan=7, posinf=8, neginf=9).tolist() == [7, 8, 9, 1]
    assert repr(jnp.nan_to_num(jnp.array([1, 2]))) == "Array([1, 2], dtype=int32)"


def test_jax_dtypes():
    small = jnp.array([200, 2], dtype=jnp.uint8)
    assert repr(small.sum()) == "Array(202, dtype=uint32)" and repr(small.prod()) == "Array(400, dtype=uint32)"
    found = jnp.array([300.0, -3.0, jnp.nan, 2.9]).astype(jnp.uint8)
    assert repr(found) == "Array([255,   0,   0,   2], dtype=uint8)"
    assert repr(jnp.logical_and(jnp.array([1, 0]), 2.5)) == "Array([ True, False], dtype=bool)"


def test_jax_compares_with_arrays_only():
    with pytest.raises(TypeError, match=r"unsupported operand type\(s\) for ==: 'ArrayImpl' and 'list'"):
        jnp.array([1, 2]) == [1, 2]  # noqa: B015


def test_jax_variance_by_position_of_keepdims():
    x = jnp.arange(6.0).reshape(2, 3)
    assert jnp.var(x, 1, ddof=1, keepdims=True).tolist() == [[1], [1]]
    assert jnp.var(x, ddof=1) == 3.5


def test_jax_draws_from_wide_spans():
    key = jax.random.PRNGKey(3)
    drawn = [jax.random.randint(key, (3,), 0, most).tolist() for most in (65536, 65537, 1_000_000)]
    assert drawn == [[25706, 56934, 15173], [42405, 54271, 18375], [672874, 579302, 201733]]


# ---- TensorFlow ------------------------------------------------------------------------------------------------------


def slopes(function, *values):
    variables = [tf.Variable(value) for value in values]
    with tf.GradientTape() as tape:
        result = function(*variables)
    return [None if each is None else each.numpy().tolist() for each in tape.gradient(result, variables)]


def test_tensorflow_gives_the_gradient_to_the_first_of_equals():
    assert slopes(lambda x: tf.maximum(x, 0.0), [0.0, 1.0, -1.0]) == [[1, 1, 0]]
    assert slopes(lambda x: tf.minimum(x, 0.0), [0.0, 1.0, -1.0]) == [[1, 0, 1]]
    assert slopes(lambda x, y: tf.maximum(x, y), [0.0], [0.0]) == [[1], [0]]
    assert slopes(lambda x: tf.clip_by_value(x, 0.0, 1.0), [0.0, 0.5, 1.0, 2.0]) == [[1, 1, 1, 0]]
    with tf.GradientTape() as tape:
        x = tf.Variable([np.nan, 1.0])
        found = tf.maximum(x, tf.constant([1.0, np.nan]))
    assert np.isnan(found.numpy()).all() and tape.gradient(found, x) is not None


@pytest.mark.parametrize("function", [tf.floor, tf.round, tf.math.ceil])
def test_tensorflow_has_no_gradient_of_rounding(function):
    assert slopes(function, [0.5]) == [None]


def test_tensorflow_keeps_integer_dtypes():
    x = tf.constant([[1, 2], [3, 4]])
    for found in (tf.reduce_sum(x), tf.reduce_sum(x, 1), tf.reduce_prod(x), tf.cumsum(x), tf.reduce_max(x)):
        assert found.dtype == tf.int32
    assert tf.one_hot([0, 1], 2, on_value=5, off_value=-1).dtype == tf.int32
    assert tf.one_hot([0, 1], 2, off_value=-1.0).numpy().tolist() == [[1, -1], [-1, 1]]
    assert tf.one_hot([0, 1], 2, on_value=5, dtype=tf.float32).dtype == tf.float32


def test_tensorflow_norms_of_matrices():
    matrix = tf.constant([[3.0, -4.0], [6.0, 8.0]])
    assert tf.norm(matrix, 1, axis=[0, 1]) == 12 and tf.norm(matrix, np.inf, axis=[-2, -1]) == 14
    assert tf.norm(matrix, 1, axis=[1, 0]) == 14 and tf.norm(matrix, 1) == 21
    assert tf.norm(matrix, "fro", axis=[0, 1], keepdims=True).shape == (1, 1)
    with pytest.raises(NotImplementedError, match="matrices of order 2 are not in swiftconv's tensorflow dialect"):
        tf.norm(matrix, 2, axis=[0, 1])


def test_tensorflow_gathers_what_is_there():
    x = tf.constant([[10, 20], [30, 40]])
    for places, text in (([5], r"indices\[0\] = 5 is not in \[0, 2\)"), ([[0, -1]], r"indices\[0,1\] = -1 is not in")):
        with pytest.raises(tf.errors.InvalidArgumentError, match=text):
            tf.gather(x, places)


def test_tensorflow_names_the_borders_it_has():
    with pytest.raises(ValueError, match="mode 'SYMMETRIC' is not in swiftconv's tensorflow dialect"):
        tf.pad(tf.constant([1, 2]), [[1, 1]], mode="symmetric")


# ---- MXNet -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "wanted"),
    [
        (lambda x: mnp.maximum(x, 0), [1, 1, 0]),
        (lambda x: mnp.maximum(0, x), [1, 1, 0]),
        (lambda x: mnp.minimum(x, 0), [1, 0, 1]),
        (lambda x: mnp.maximum(x, mnp.zeros(3)), [1, 1, 0]),
        (lambda x: mnp.clip(x, 0, 1), [1, 1, 0]),
    ],
)
def test_mxnet_gives_the_gradient_to_the_first_of_equals(function, wanted):
    x = mnp.array([0.0, 1.0, -1.0])
    x.attach_grad()
    with autograd.record():
        y = function(x)
    y.backward()
    assert x.grad.asnumpy().tolist() == wanted


@pytest.mark.parametrize("function", [npx.softmax, npx.log_softmax])
def test_mxnet_names_what_softmax_does_not_look_at(function):
    x = mnp.array([[1.0, 2.0]])
    with pytest.raises(NotImplementedError, match="softmax: length is not in swiftconv's mxnet dialect"):
        function(x, length=mnp.array([1]), use_length=True)
    np.testing.assert_allclose(function(x, temperature=2.0).asnumpy(), function(x / 2).asnumpy(), rtol=1e-6)


def test_mxnet_products_keep_axes_and_dtypes():
    x = mnp.array([[1, 2], [3, 4]], dtype="int32")
    assert x.prod(keepdims=True).shape == (1, 1) and x.prod(axis=(0, 1)) == 24
    assert x.prod().dtype == x.sum().dtype == np.int32


@pytest.mark.parametrize("mode", ["edge", "reflect", "wrap"])
def test_mxnet_borders_have_the_names_of_numpy(mode):
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    found = mnp.pad(mnp.array(x), ((1, 0), (1, 1)), mode=mode)
    np.testing.assert_array_equal(found.asnumpy(), np.pad(x, ((1, 0), (1, 1)), mode=mode))
    with pytest.raises(ValueError, match="pad: mode 'symmetric' is not in swiftconv's mxnet dialect"):
        mnp.pad(mnp.array(x), 1, mode="symmetric")


def test_mxnet_refuses_other_orders():
    with pytest.raises(NotImplementedError, match="order is 'F', expected 'C'"):
        mnp.ones((2, 2)).flatten("F")


# ---- Keras -----------------------------------------------------------------------------------------------------------


def test_keras_smooths_labels():
    truth, scores = tf.constant([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), tf.constant([[1.0, 2.0, 0.5], [0.1, 0.2, -1.0]])
    losses = tf.keras.losses
    several = losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)(truth, scores)
    two = losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.2)(truth, scores)
    np.testing.assert_allclose([several, two], [1.2311153, 0.8650106], rtol=1e-6)


def test_keras_names_what_it_does_not_compute():
    with pytest.raises(ValueError, match="ignore_class is not in swiftconv's tensorflow dialect"):
        tf.keras.losses.SparseCategoricalCrossentropy(ignore_class=-1)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="compile: loss_weights is not in swiftconv's tensorflow dialect"):
        model.compile("sgd", "mse", loss_weights=[0.5])
    model.compile("sgd", "mse", run_eagerly=True)
    with pytest.raises(ValueError, match="resize: preserve_aspect_ratio and antialias"):
        tf.image.resize(tf.zeros((1, 4, 4, 1)), (2, 2), antialias=True)


def test_tensorflow_resizes_by_the_middles_of_pixels():
    image = tf.reshape(tf.range(20.0), (1, 4, 5, 1))
    found = tf.image.resize(image, (3, 7), method="nearest")
    assert found.numpy()[0, :, :, 0].tolist() == [
        [0, 1, 1, 2, 3, 3, 4],
        [10, 11, 11, 12, 13, 13, 14],
        [15, 16, 16, 17, 18, 18, 19],
    ]
    found = tf.image.resize(image, (9, 3), method="nearest")
    assert found.numpy()[0, :, 0, 0].tolist() == [0, 0, 5, 5, 10, 10, 10, 15, 15]
    found = tf.image.resize_with_pad(image, 6, 6).numpy()[0, :, :, 0]
    row = np.array([0.0, 0.75, 1.5833, 2.4167, 3.25, 4.0])
    np.testing.assert_allclose(found, [row, row + 5, row + 10, row + 15, 0 * row, 0 * row], atol=1e-4)


def stopped_after(values, **options):
    """In which epoch early stopping ends a training with these numbers, and with which weights."""

    class Model:
        stop_training, weights = False, None

        def get_weights(self):
            return self.weights

        def set_weights(self, weights):
            self.weights = weights

    callback, model = tf.keras.callbacks.EarlyStopping("value", **options), Model()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        model.weights = epoch
        callback.on_epoch_end(epoch, {"value": value})
        if model.stop_training:
            break
    return epoch, model.weights


def test_early_stopping():
    falling = [5.0, 4.0, 4.5, 4.2, 4.1, 3.0]
    assert stopped_after(falling) == (2, 2)
    assert stopped_after(falling, patience=2, restore_best_weights=True) == (3, 1)
    assert stopped_after(falling, patience=4) == (5, 5)
    assert stopped_after(falling, mode="max") == (1, 1)
    assert stopped_after(falling, start_from_epoch=3) == (5, 5)
    assert stopped_after(falling, baseline=1.0, patience=2) == (1, 1)
    with pytest.raises(ValueError, match="mode must be"):
        stopped_after(falling, mode="least")


def test_early_stopping_without_its_number_goes_on():
    callback = tf.keras.callbacks.EarlyStopping()
    with pytest.warns(UserWarning, match="`val_loss` which is not available. Available metrics are: loss"):
        callback.on_epoch_end(0, {"loss": 1.0})

"""What the book's editions before 1.0 do with TensorFlow: models made by functions, `fit` with callbacks."""

import re

import numpy as np
import pytest

import swiftconv.tensorflow as tf
from swiftconv.tensorflow import d2l

pytestmark = pytest.mark.section("lenet", "tensorflow")


@pytest.fixture
def batches():
    tf.keras.utils.set_random_seed(0)
    tf.keras.backend.clear_session()
    images = tf.random.uniform((40, 12, 12, 1))
    labels = tf.cast(tf.reduce_mean(images, (1, 2, 3)) > 0.5, tf.int32)
    return tf.data.Dataset.from_tensor_slices((images, labels)).batch(16)


def small():
    layers = tf.keras.layers
    return tf.keras.models.Sequential([layers.Conv2D(3, 3), layers.Flatten(), layers.Dense(2)])


def test_train_ch6_prints_what_training_has_come_to(batches, capsys):
    net = d2l.train_ch6(small, batches, batches, 2, 0.1, d2l.try_gpu())
    first, second = [line for line in capsys.readouterr().out.splitlines() if "Figure" not in line]
    assert re.fullmatch(r"loss \d\.\d{3}, train acc \d\.\d{3}, test acc \d\.\d{3}", first)
    assert re.fullmatch(r"[\d.]+ examples/sec on /CPU:0", second)
    assert net.input_shape == (None, 12, 12, 1)


def test_a_strategy_for_one_device_is_a_scope(batches):
    with tf.distribute.OneDeviceStrategy("/CPU:0").scope():
        net = small()
        net.compile(tf.keras.optimizers.SGD(learning_rate=0.1), "sparse_categorical_crossentropy")
    assert net(tf.ones((1, 12, 12, 1))).shape == (1, 2)
    assert tf.data.experimental.cardinality(batches).numpy() == 3
    with pytest.raises(RuntimeError, match="unknown device"), tf.distribute.OneDeviceStrategy("/GPU:0").scope():
        pass


def test_functions_of_regression():
    X, y = d2l.synthetic_data(tf.constant([2.0, -3.4]), 4.2, 50)
    assert X.shape == (50, 2) and y.shape == (50, 1)
    np.testing.assert_allclose(y, d2l.linreg(X, tf.constant([[2.0], [-3.4]]), 4.2), atol=0.1)
    data = d2l.load_array((X, y), 10, is_train=False)
    assert d2l.evaluate_loss(lambda X: d2l.linreg(X, tf.constant([[2.0], [-3.4]]), 4.2), data, d2l.squared_loss) < 1e-3


def test_an_updater_descends():
    weight = tf.Variable([1.0, 2.0])
    d2l.Updater([weight], 0.5)(2, [tf.constant([4.0, 8.0])])
    assert weight.numpy().tolist() == [0.0, 0.0]


def test_lenet_is_there():
    net = d2l.LeNet(lr=0.2)
    assert net.hparams["lr"] == 0.2 and net(tf.ones((2, 28, 28, 1))).shape == (2, 10)
    assert d2l.SoftmaxRegression(10, 0.1)(tf.ones((2, 28, 28, 1))).shape == (2, 10)

"""The kinds of networks of the book's chapters, small, as TensorFlow cells: blocks, shapes, and steps of training."""

import numpy as np
import pytest

import swiftconv.tensorflow as tf
from swiftconv.tensorflow import d2l

layers, Sequential = tf.keras.layers, tf.keras.models.Sequential


class Inception(tf.keras.Model):
    def __init__(self, c1, c2, c3):
        super().__init__()
        self.left = layers.Conv2D(c1, 1, activation="relu")
        self.middle = layers.Conv2D(c2, 3, padding="same", activation="relu")
        self.pool = layers.MaxPool2D(3, 1, padding="same")
        self.right = layers.Conv2D(c3, 1, activation="relu")

    def call(self, x):
        return layers.Concatenate()([self.left(x), self.middle(x), self.right(self.pool(x))])


class Norm(layers.Layer):
    def build(self, input_shape):
        shape = [input_shape[-1]]
        self.gamma = self.add_weight(name="gamma", shape=shape, initializer=tf.initializers.ones, trainable=True)
        self.beta = self.add_weight(name="beta", shape=shape, initializer=tf.initializers.zeros, trainable=True)
        self.mean = self.add_weight(name="mean", shape=shape, initializer=tf.initializers.zeros, trainable=False)
        super().build(input_shape)

    @tf.function
    def call(self, inputs, training):
        if training:
            axes = list(range(len(inputs.shape) - 1))
            mean = tf.squeeze(tf.reduce_mean(inputs, axes, keepdims=True), axes)
            self.add_update(self.mean.assign(0.9 * self.mean + 0.1 * mean))
        spread = tf.math.squared_difference(inputs, tf.stop_gradient(self.mean))
        return (inputs - self.mean) * tf.cast(tf.math.rsqrt(spread + 1.0), inputs.dtype) * self.gamma + self.beta


class Dense(layers.Layer):
    def __init__(self, convolutions, channels):
        super().__init__()
        self.listLayers = []
        for _ in range(convolutions):
            self.listLayers.append(layers.Conv2D(channels, 3, padding="same"))

    def call(self, x):
        for layer in self.listLayers.layers:
            x = layers.concatenate([x, layer(x)], axis=-1)
        return x


def plain():
    return Sequential(
        [
            layers.Conv2D(filters=4, kernel_size=5, strides=2, activation="relu"),
            layers.MaxPool2D(pool_size=3, strides=2),
            layers.Flatten(),
            layers.Dense(8, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(3),
        ]
    )


def blocks():
    net = Sequential()
    for channels in (4, 6):
        block = Sequential()
        block.add(layers.Conv2D(channels, kernel_size=3, padding="same", activation="relu"))
        block.add(layers.MaxPool2D(pool_size=2, strides=2))
        net.add(block)
    net.add(Sequential([layers.Flatten(), layers.Dense(3)]))
    return net


def averaged():
    return Sequential(
        [layers.Conv2D(3, 3, padding="valid"), layers.Activation("relu"), layers.GlobalAvgPool2D(), layers.Flatten()]
    )


def branches():
    return tf.keras.Sequential([Inception(2, 3, 4), layers.GlobalAvgPool2D(), layers.Dense(3)])


def normalised():
    first = layers.Conv2D(2, 3, input_shape=(20, 20, 1))
    return Sequential(
        [first, Norm(), layers.BatchNormalization(), layers.AvgPool2D(2), layers.Flatten(), layers.Dense(3)]
    )


def residual():
    net = Sequential(Sequential([layers.Conv2D(4, 3, padding="same"), layers.BatchNormalization()]))
    net.add(d2l.Residual(4))
    net.add(d2l.Residual(6, use_1x1conv=True, strides=2))
    net.add(Sequential([layers.GlobalAvgPool2D(), layers.Dense(units=3)]))
    return net


def dense():
    return Sequential([Dense(2, 3), layers.ReLU(), layers.GlobalAvgPool2D(), layers.Dense(3)])


def grouped():
    stem = layers.Conv2D(8, 3, strides=2, padding="same")
    return Sequential(
        [stem, d2l.ResNeXtBlock(8, 4, 1, use_1x1conv=True, strides=2), layers.GlobalAvgPool2D(), layers.Dense(3)]
    )


# Of every network: the section, how it is made, the summary's lines, and the numbers of trained and other weights.
NETWORKS = {
    "alexnet": (
        plain,
        "Conv2D (1, 8, 8, 4)|MaxPooling2D (1, 3, 3, 4)|Flatten (1, 36)|Dense (1, 8)|Dropout (1, 8)|Dense (1, 3)",
        (6, 0),
    ),
    "vgg": (blocks, "Sequential (1, 10, 10, 4)|Sequential (1, 5, 5, 6)|Sequential (1, 3)", (6, 0)),
    "nin": (
        averaged,
        "Conv2D (1, 18, 18, 3)|Activation (1, 18, 18, 3)|GlobalAveragePooling2D (1, 3)|Flatten (1, 3)",
        (2, 0),
    ),
    "googlenet": (branches, "Inception (1, 20, 20, 9)|GlobalAveragePooling2D (1, 9)|Dense (1, 3)", (8, 0)),
    "batch-norm": (
        normalised,
        "Conv2D (1, 18, 18, 2)|Norm (1, 18, 18, 2)|BatchNormalization (1, 18, 18, 2)|AveragePooling2D (1, 9, 9, 2)"
        "|Flatten (1, 162)|Dense (1, 3)",
        (8, 3),
    ),
    "resnet": (
        residual,
        "Sequential (1, 20, 20, 4)|Residual (1, 20, 20, 4)|Residual (1, 10, 10, 6)|Sequential (1, 3)",
        (24, 10),
    ),
    "densenet": (dense, "Dense (1, 20, 20, 7)|ReLU (1, 20, 20, 7)|GlobalAveragePooling2D (1, 7)|Dense (1, 3)", (6, 0)),
    "cnn-design": (
        grouped,
        "Conv2D (1, 10, 10, 8)|ResNeXtBlock (1, 5, 5, 8)|GlobalAveragePooling2D (1, 8)|Dense (1, 3)",
        (20, 8),
    ),
}


class Model(d2l.Classifier):
    def __init__(self, net, lr=0.1):
        super().__init__()
        self.save_hyperparameters()
        self.net = net


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=pytest.mark.section(each, "tensorflow")) for each in NETWORKS]
)
def test_network(name, capsys):
    make, shapes, counts = NETWORKS[name]
    tf.keras.utils.set_random_seed(1)
    model = Model(make())
    model.layer_summary((1, 20, 20, 1))
    assert capsys.readouterr().out.splitlines() == [
        f"{each.split(' ', 1)[0]} output shape:\t {each.split(' ', 1)[1]}" for each in shapes.split("|")
    ]
    X, y = tf.random.normal((6, 20, 20, 1)), tf.constant([0, 1, 2, 0, 1, 2])
    first = model.loss(model(X), y)
    assert (len(model.trainable_variables), len(model.non_trainable_variables)) == counts
    optimizer = model.configure_optimizers()
    for _ in range(3):
        with tf.GradientTape() as tape:
            loss = model.loss(model(X), y)
        gradients = tape.gradient(loss, model.trainable_variables)
        assert all(each is not None for each in gradients)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    assert np.isfinite(first) and float(model.loss(model(X), y)) < float(first)


@pytest.mark.section("padding-and-strides", "tensorflow")
@pytest.mark.parametrize(
    "options, shape",
    [
        ({"kernel_size": 3, "padding": "same"}, (8, 8)),
        ({"kernel_size": (5, 3), "padding": "same"}, (8, 8)),
        ({"kernel_size": 3, "padding": "same", "strides": 2}, (4, 4)),
        ({"kernel_size": (3, 5), "padding": "valid", "strides": (3, 4)}, (2, 1)),
    ],
)
def test_shape_of_a_convolution(options, shape):
    X = tf.random.uniform(shape=(8, 8))
    Y = layers.Conv2D(1, **options)(tf.reshape(X, (1,) + X.shape + (1,)))
    assert tf.reshape(Y, Y.shape[1:3]).shape == shape and repr(Y.shape[1:3]) == f"TensorShape({list(shape)})"


@pytest.mark.section("pooling", "tensorflow")
def test_pooling_of_a_padded_image():
    X = tf.reshape(tf.range(16, dtype=tf.float32), (1, 4, 4, 1))
    framed = tf.pad(X, tf.constant([[0, 0], [1, 0], [1, 0], [0, 0]]), "CONSTANT")
    pooled = layers.MaxPool2D(pool_size=[3, 3], padding="valid", strides=2)(tf.concat([framed, framed + 1], 3))
    assert repr(pooled[0, :, :, 1]) == (
        "<tf.Tensor: shape=(2, 2), dtype=float32, numpy=\narray([[ 6.,  8.],\n       [14., 16.]], dtype=float32)>"
    )

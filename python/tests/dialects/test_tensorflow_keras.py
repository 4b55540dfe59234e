"""Keras in the tensorflow dialect: layers, models, losses, optimizers and datasets."""

import numpy as np
import pytest

import swiftconv.tensorflow as tf
from swiftconv.tensorflow import d2l

layers = tf.keras.layers


@pytest.fixture(autouse=True)
def names_from_the_beginning():
    tf.keras.backend.clear_session()


def reference_conv(x, w, stride, pads):
    x = np.pad(x.astype("float64"), [(0, 0), *pads, (0, 0)])
    height, width = (x.shape[1] - w.shape[0]) // stride + 1, (x.shape[2] - w.shape[1]) // stride + 1
    result = np.zeros((len(x), height, width, w.shape[3]))
    for i in range(height):
        for j in range(width):
            part = x[:, i * stride : i * stride + w.shape[0], j * stride : j * stride + w.shape[1]]
            result[:, i, j] = np.tensordot(part, w, 3)
    return result


@pytest.mark.section("padding-and-strides", "tensorflow")
@pytest.mark.parametrize("size, kernel, stride", [(7, 3, 2), (8, 3, 2), (5, 2, 1), (6, 5, 3), (9, 1, 2)])
def test_same_padding_puts_the_odd_one_after(size, kernel, stride):
    x = np.random.default_rng(0).normal(size=(2, size, size, 3)).astype("float32")
    layer = layers.Conv2D(4, kernel, strides=stride, padding="same")
    got = layer(x)
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    pads = [(total // 2, total - total // 2)] * 2
    np.testing.assert_allclose(got, reference_conv(x, layer.kernel.numpy(), stride, pads), atol=1e-5)
    assert got.shape == (2, -(-size // stride), -(-size // stride), 4)


SHAPES = [
    (lambda: layers.Conv2D(1, kernel_size=3, padding="same"), (1, 8, 8, 1), (1, 8, 8, 1)),
    (lambda: layers.Conv2D(1, kernel_size=(5, 3), padding="same", strides=2), (1, 8, 8, 1), (1, 4, 4, 1)),
    (lambda: layers.Conv2D(1, kernel_size=(3, 5), padding="valid", strides=(3, 4)), (1, 8, 8, 1), (1, 2, 1, 1)),
    (lambda: layers.Conv2D(8, 3, groups=2, activation="relu"), (2, 6, 6, 4), (2, 4, 4, 8)),
    (lambda: layers.MaxPool2D(pool_size=[3, 3]), (1, 4, 4, 1), (1, 1, 1, 1)),
    (lambda: layers.MaxPool2D(pool_size=3, strides=2, padding="same"), (1, 7, 7, 2), (1, 4, 4, 2)),
    (lambda: layers.AvgPool2D(2, padding="same"), (1, 5, 5, 2), (1, 3, 3, 2)),
    (lambda: layers.GlobalMaxPool2D(), (2, 4, 4, 3), (2, 3)),
    (lambda: layers.Conv2DTranspose(3, 4, strides=2, padding="same"), (1, 5, 5, 2), (1, 10, 10, 3)),
    (lambda: layers.DepthwiseConv2D(3), (1, 5, 5, 2), (1, 3, 3, 2)),
    (lambda: layers.Dense(3), (2, 5, 4), (2, 5, 3)),
    (lambda: tf.keras.Sequential([layers.Flatten(), layers.Dense(4), layers.ReLU()]), (2, 5, 4), (2, 4)),
    (lambda: layers.Conv1D(3, 2), (2, 5, 4), (2, 4, 3)),
]


@pytest.mark.parametrize("make, given, wanted", SHAPES, ids=range(len(SHAPES)))
def test_shape(make, given, wanted):
    assert make()(tf.random.normal(given)).shape == wanted


@pytest.mark.section("pooling", "tensorflow")
def test_pooling_does_not_count_the_border():
    x = tf.reshape(-tf.range(1, 10, dtype=tf.float32), (1, 3, 3, 1))
    assert layers.MaxPool2D(2, padding="same")(x).numpy().ravel().tolist() == [-1, -3, -7, -9]
    assert layers.AvgPool2D(2, padding="same")(x).numpy().ravel().tolist() == [-3, -4.5, -7.5, -9]


@pytest.mark.section("batch-norm", "tensorflow")
def test_batch_normalization_learns_in_training_only():
    x = tf.constant(np.random.default_rng(0).normal(3, 2, (8, 5, 5, 2)).astype("float32"))
    layer = layers.BatchNormalization()
    np.testing.assert_allclose(layer(x), x.numpy() / np.sqrt(1.001), rtol=1e-5)
    assert layer.moving_mean.numpy().tolist() == [0, 0]
    got = layer(x, training=True).numpy()
    assert abs(got.mean()) < 1e-5 and abs(got.std() - 1) < 1e-2
    np.testing.assert_allclose(layer.moving_mean, 0.01 * x.numpy().mean((0, 1, 2)), rtol=1e-4)
    assert [w.name.split("/")[-1] for w in layer.weights] == ["gamma:0", "beta:0", "moving_mean:0", "moving_variance:0"]
    assert len(layer.trainable_weights) == 2


def test_names():
    net = tf.keras.models.Sequential([layers.Conv2D(2, 2), layers.Flatten(), layers.Dense(3), layers.Dense(1)])
    net(tf.ones((1, 3, 3, 1)))
    assert [w.name for w in net.weights] == [
        "conv2d/kernel:0",
        "conv2d/bias:0",
        "dense/kernel:0",
        "dense/bias:0",
        "dense_1/kernel:0",
        "dense_1/bias:0",
    ]
    assert [type(each).__name__ for each in net.layers] == ["Conv2D", "Flatten", "Dense", "Dense"]
    assert net.name == "sequential" and layers.AvgPool2D().name == "average_pooling2d"
    assert net.layers[0].kernel.shape == (2, 2, 1, 2)


def test_lists_of_layers_are_tracked():
    class Block(layers.Layer):
        def __init__(self):
            super().__init__()
            self.parts = [layers.Dense(2)]
            self.parts.append(layers.Dense(3))

        def call(self, x):
            for layer in self.parts.layers:
                x = layer(x)
            return x

    block = tf.keras.models.Sequential(Block())
    assert block(tf.ones((1, 4))).shape == (1, 3) and len(block.trainable_variables) == 4


def test_training_reaches_the_layers_within():
    class Probe(layers.Layer):
        seen = []

        @tf.function
        def call(self, inputs, training):
            self.seen.append(training)
            return inputs

    net = tf.keras.Sequential([Probe()])
    net(tf.ones((1, 2)))
    net(tf.ones((1, 2)), training=True)
    assert Probe.seen == [None, True]


@pytest.mark.section("custom-layer", "tensorflow")
@pytest.mark.section("batch-norm", "tensorflow")
def test_layer_written_by_hand():
    class Norm(layers.Layer):
        def build(self, input_shape):
            shape = [input_shape[-1]]
            self.scale = self.add_weight(name="scale", shape=shape, initializer=tf.initializers.ones, trainable=True)
            self.mean = self.add_weight(name="mean", shape=shape, initializer=tf.initializers.zeros, trainable=False)
            super().build(input_shape)

        @tf.function
        def call(self, inputs, training):
            if training:
                axes = list(range(len(inputs.shape) - 1))
                mean = tf.reduce_mean(inputs, axes, keepdims=True)
                var = tf.reduce_mean(tf.math.squared_difference(inputs, tf.stop_gradient(mean)), axes, keepdims=True)
                self.add_update(self.mean.assign(tf.squeeze(mean, axes)))
                inv = tf.cast(tf.math.rsqrt(var + 1e-5), inputs.dtype)
                inv *= self.scale
                return (inputs - mean) * inv
            return inputs - self.mean

    layer = Norm()
    x = tf.random.normal((4, 3, 3, 2)) + 5
    assert abs(layer(x, training=True).numpy().mean()) < 1e-4
    np.testing.assert_allclose(layer.mean, x.numpy().mean((0, 1, 2)), rtol=1e-4)
    assert abs(layer(x).numpy().mean()) < 1e-4


@pytest.mark.section("model-construction", "tensorflow")
def test_functional_model_and_fit(capsys):
    inputs = tf.keras.Input((4,))
    hidden = layers.Dense(8, activation="relu")(inputs)
    model = tf.keras.Model(inputs, layers.Dense(2)(layers.Concatenate()([hidden, inputs])))
    rng = np.random.default_rng(0)
    X = rng.normal(size=(256, 4))
    y = (X[:, 0] > 0).astype("int64")
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=tf.keras.optimizers.Adam(0.02), loss=loss, metrics=["accuracy"])
    history = model.fit(X, y, epochs=5, validation_data=(X, y), verbose=0).history
    assert history["loss"][-1] < history["loss"][0] and history["val_accuracy"][-1] > 0.9
    assert model.evaluate(X, y, verbose=0)[1] > 0.9 and model.predict(X[:3]).shape == (3, 2)
    model.summary()
    assert "Total params: 66" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["sgd", "adam", "rmsprop", "adagrad"])
def test_optimizers_go_down(name):
    v = tf.Variable([1.0, -2.0])
    optimizer = tf.keras.optimizers.get(name)
    optimizer.learning_rate = 0.05
    for _ in range(20):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(v * v)
        optimizer.apply_gradients(zip([tape.gradient(loss, v)], [v], strict=True))
    assert float(tf.reduce_sum(v * v)) < 4.9 and int(optimizer.iterations) == 20


def test_losses():
    logits, labels = tf.constant([[1.0, 2.0, 0.5], [0.0, 0.0, 3.0]]), tf.constant([1, 2])
    p = np.exp(logits.numpy()) / np.exp(logits.numpy()).sum(1, keepdims=True)
    wanted = -np.log(p[[0, 1], [1, 2]])
    sparse = tf.keras.losses.SparseCategoricalCrossentropy
    np.testing.assert_allclose(sparse(from_logits=True)(labels, logits), wanted.mean(), rtol=1e-5)
    np.testing.assert_allclose(sparse(from_logits=True, reduction="none")(labels, logits), wanted, rtol=1e-5)
    np.testing.assert_allclose(sparse()(labels, tf.nn.softmax(logits)), wanted.mean(), rtol=1e-4)
    hot = tf.one_hot(labels, 3)
    np.testing.assert_allclose(
        tf.keras.losses.CategoricalCrossentropy(from_logits=True)(hot, logits), wanted.mean(), rtol=1e-5
    )
    assert float(tf.keras.losses.MeanSquaredError()([1.0, 2.0], [2.0, 4.0])) == 2.5


def test_dataset_chain():
    X, y = np.arange(20, dtype="uint8").reshape(10, 2), np.arange(10)
    data = tf.data.Dataset.from_tensor_slices((X, y)).batch(4).map(lambda a, b: (a / 2, tf.cast(b, "int32")))
    assert len(data) == 3 and [len(b) for _, b in data] == [4, 4, 2]
    shuffled = data.shuffle(100)
    assert sorted(int(each) for _, b in shuffled for each in b) == list(range(10))
    first, labels = next(iter(data))
    assert first.dtype == tf.float32 and labels.dtype == tf.int32 and first.numpy()[1].tolist() == [1.0, 1.5]
    assert [int(each) for each in tf.data.Dataset.range(3).repeat(2).skip(1).take(4)] == [1, 2, 0, 1]
    assert sorted(int(each) for each in tf.data.Dataset.range(9).shuffle(3)) == list(range(9))


def test_resize_with_pad():
    image = tf.ones((2, 4, 2, 1))
    got = tf.image.resize_with_pad(image, 8, 8)
    assert got.shape == (2, 8, 8, 1) and float(tf.reduce_sum(got)) == 2 * 8 * 4
    assert got.numpy()[0, 0, :, 0].tolist() == [0, 0, 1, 1, 1, 1, 0, 0]


@pytest.mark.section("resnet", "tensorflow")
def test_blocks_of_the_book():
    x = tf.random.normal((2, 6, 6, 4))
    assert d2l.Residual(4)(x).shape == (2, 6, 6, 4)
    assert d2l.Residual(8, use_1x1conv=True, strides=2)(x).shape == (2, 3, 3, 8)
    assert d2l.ResNeXtBlock(8, 4, 1, use_1x1conv=True, strides=2)(x).shape == (2, 3, 3, 8)


@pytest.mark.section("linear-regression-concise", "tensorflow")
def test_regression_is_learned():
    data = d2l.SyntheticRegressionData(w=tf.constant([2.0, -3.4]), b=4.2)
    model = d2l.LinearRegression(lr=0.03)
    model.board.display = False
    d2l.Trainer(max_epochs=4, gradient_clip_val=5).fit(model, data)
    w, b = model.get_w_b()
    np.testing.assert_allclose(w.ravel(), [2.0, -3.4], atol=0.3)
    np.testing.assert_allclose(b, [4.2], atol=0.5)


def test_weights_of_the_wrong_number_are_refused():
    layer = layers.Dense(2)
    layer(tf.ones((1, 3)))
    with pytest.raises(ValueError, match="weight list of length 1"):
        layer.set_weights([np.zeros((3, 2))])
    with pytest.raises(ValueError, match="not compatible with provided weight shape"):
        layer.set_weights([np.zeros((2, 2)), np.zeros(2)])


def test_dense_takes_integers():
    assert layers.Dense(2)(tf.constant([[1, 2]])).dtype == tf.float32

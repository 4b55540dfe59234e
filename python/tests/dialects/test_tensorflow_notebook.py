"""Cells in a real kernel: convolutional layers and a network with TensorFlow's names, and their texts."""

import gzip

import pytest

from dialects.notebooks import run_cells, write_fashion_mnist

START = "%load_ext swiftconv.tensorflow"
IMPORTS = "import tensorflow as tf\nfrom d2l import tensorflow as d2l"

CONVOLUTION = {
    "def slide(X, K):\n"
    "    h, w = K.shape\n"
    "    Y = tf.Variable(tf.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1)))\n"
    "    for i in range(Y.shape[0]):\n"
    "        for j in range(Y.shape[1]):\n"
    "            Y[i, j].assign(tf.reduce_sum(X[i:i + h, j:j + w] * K))\n"
    "    return Y": "",
    "slide(tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.constant([[1.0, -2.0]]))": (
        "<tf.Variable 'Variable:0' shape=(2, 1) dtype=float32, numpy=\narray([[-3.],\n       [-5.]], dtype=float32)>"
    ),
    "class Layer(tf.keras.layers.Layer):\n"
    "    def build(self, size):\n"
    "        start = tf.random_normal_initializer()\n"
    "        self.weight = self.add_weight(name='w', shape=size, initializer=start)\n"
    "        self.bias = self.add_weight(name='b', shape=(1, ), initializer=start)\n"
    "    def call(self, inputs):\n"
    "        return slide(inputs, self.weight) + self.bias\n"
    "layer = Layer()\nlayer.build((1, 2))\nlayer.built = True\nlayer(tf.ones((2, 3))).shape": "TensorShape([2, 2])",
    "X = tf.Variable(tf.ones((3, 6)))\nX[:, 2:4].assign(tf.zeros(X[:, 2:4].shape))\nX": (
        "<tf.Variable 'Variable:0' shape=(3, 6) dtype=float32, numpy=\n"
        "array([[1., 1., 0., 0., 1., 1.],\n"
        "       [1., 1., 0., 0., 1., 1.],\n"
        "       [1., 1., 0., 0., 1., 1.]], dtype=float32)>"
    ),
    "edge = tf.constant([[1.0, -1.0]])\nY = slide(X, edge)\nY[0]": (
        "<tf.Tensor: shape=(5,), dtype=float32, numpy=array([ 0.,  1.,  0., -1.,  0.], dtype=float32)>"
    ),
    "float(tf.reduce_sum(abs(slide(tf.transpose(X), edge))))": "0.0",
    "conv2d = tf.keras.layers.Conv2D(1, (1, 2), use_bias=False)\n"
    "X, Y = tf.reshape(X, (1, 3, 6, 1)), tf.reshape(Y, (1, 3, 5, 1))\n"
    "conv2d(X)\n"
    "for i in range(150):\n"
    "    with tf.GradientTape(watch_accessed_variables=False) as g:\n"
    "        g.watch(conv2d.weights[0])\n"
    "        l = (abs(conv2d(X) - Y)) ** 2\n"
    "        update = tf.multiply(6e-2, g.gradient(l, conv2d.weights[0]))\n"
    "        weights = conv2d.get_weights()\n"
    "        weights[0] = conv2d.weights[0] - update\n"
    "        conv2d.set_weights(weights)\n"
    "print(f'loss {tf.reduce_sum(l):.3f}')": "loss 0.000",
    "tf.round(tf.reshape(conv2d.get_weights()[0], (1, 2)))": (
        "<tf.Tensor: shape=(1, 2), dtype=float32, numpy=array([[ 1., -1.]], dtype=float32)>"
    ),
}

NETWORK = {
    "class Small(d2l.Classifier):\n"
    "    def __init__(self, lr=0.1, num_classes=10):\n"
    "        super().__init__()\n"
    "        self.save_hyperparameters()\n"
    "        self.net = tf.keras.models.Sequential([\n"
    "            tf.keras.layers.Conv2D(filters=6, kernel_size=5, activation='sigmoid', padding='same'),\n"
    "            tf.keras.layers.AvgPool2D(pool_size=2, strides=2),\n"
    "            tf.keras.layers.MaxPool2D(pool_size=3, strides=2, padding='same'),\n"
    "            tf.keras.layers.BatchNormalization(), tf.keras.layers.GlobalAvgPool2D(),\n"
    "            tf.keras.layers.Flatten(), tf.keras.layers.Dense(num_classes)])": "",
    "@d2l.add_to_class(d2l.Classifier)\n"
    "def layer_summary(self, X_shape):\n"
    "    X = tf.random.normal(X_shape)\n"
    "    for layer in self.net.layers:\n"
    "        X = layer(X)\n"
    "        print(layer.__class__.__name__, 'output shape:\\t', X.shape)": "",
    "Small().layer_summary((1, 28, 28, 1))": "Conv2D output shape:\t (1, 28, 28, 6)\n"
    "AveragePooling2D output shape:\t (1, 14, 14, 6)\n"
    "MaxPooling2D output shape:\t (1, 7, 7, 6)\n"
    "BatchNormalization output shape:\t (1, 7, 7, 6)\n"
    "GlobalAveragePooling2D output shape:\t (1, 6)\n"
    "Flatten output shape:\t (1, 6)\n"
    "Dense output shape:\t (1, 10)",
    "trainer = d2l.Trainer(max_epochs=2)\n"
    "data = d2l.FashionMNIST(batch_size=64)\n"
    "with d2l.try_gpu():\n"
    "    model = Small(lr=0.1)\n"
    "    trainer.fit(model, data)": None,
    "sorted(model.board.data), len(model.board.data['train_loss'])": "(['train_loss', 'val_acc', 'val_loss'], 4)",
}


def check(cells, folder):
    # The cells of a dictionary and the texts they must show; None for any text.
    shown = run_cells([START, IMPORTS, *cells], folder)[2:]
    for (cell, wanted), text in zip(cells.items(), shown, strict=True):
        assert wanted is None or text == wanted, cell


def packed_fashion_mnist(home):
    folder = home / "datasets" / "fashion-mnist"
    write_fashion_mnist(folder)
    for path in list(folder.iterdir()):
        (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))


@pytest.mark.section("conv-layer", "tensorflow")
@pytest.mark.section("channels", "tensorflow")
def test_convolution(tmp_path):
    check(CONVOLUTION, tmp_path)


@pytest.mark.section("lenet", "tensorflow")
def test_network(tmp_path, monkeypatch):
    packed_fashion_mnist(tmp_path / "keras")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    check(NETWORK, tmp_path)

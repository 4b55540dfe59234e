"""Every name that chapters 7 and 8 use of TensorFlow and Keras, called in the forms in which they call it."""

import pytest

import swiftconv.tensorflow as tf
from swiftconv.dialects.switch import load, unload

IMPORTS = """
import tensorflow as tf
from d2l import tensorflow as d2l
A = tf.reshape(tf.range(12, dtype=tf.float32), (3, 4))
image = tf.random.uniform((2, 8, 8, 3))
layers, Sequential = tf.keras.layers, tf.keras.models.Sequential


def change(variable, value, *index):
    '''The variable after an assignment to it, or to a part of it.'''
    (variable[index] if index else variable).assign(value)
    return variable.numpy().tolist()


class Own(tf.keras.layers.Layer):
    '''A layer with a weight, a running mean and a list of layers.'''

    def build(self, kernel_size):
        self.weight = self.add_weight(name='w', shape=kernel_size, initializer=tf.random_normal_initializer())
        self.ones = self.add_weight(name='b', shape=(1,), initializer=tf.initializers.ones, trainable=True)
        self.zeros = self.add_weight(name='m', shape=(1,), initializer=tf.initializers.zeros, trainable=False)
        self.parts = []
        self.parts.append(layers.ReLU())
        self.parts.append(layers.Concatenate())

    def call(self, inputs):
        self.add_update(self.zeros.assign(self.zeros + tf.cast(tf.shape(inputs)[0], tf.float32)))
        return inputs * self.ones


own = Own()
own.build((1, 2))


def gradient_of_square(x):
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        y = x * tf.stop_gradient(x) + x**2
    return tape.gradient(y, x)


class Net(d2l.Classifier):
    def __init__(self, lr=0.1, num_classes=10):
        super().__init__()
        self.save_hyperparameters()
        self.net = tf.keras.models.Sequential()
        self.net.add(layers.Dense(num_classes))


net = Net(lr=0.2)
"""

# An expression of each form, and what it gives in TensorFlow.
CALLS = {
    "tf.constant([[0.0, 1.0], [2.0, 3.0]]).numpy().tolist()": "[[0.0, 1.0], [2.0, 3.0]]",
    "tf.Variable(tf.zeros((2, 3))).shape": "(2, 3)",
    "A.dtype, tf.cast(A, tf.float32).dtype == A.dtype": "(tf.float32, True)",
    "tf.ones((6, 8)).shape": "(6, 8)",
    "tf.range(3, dtype=tf.float32)": "tf.Tensor([0. 1. 2.], shape=(3,), dtype=float32)",
    "tf.random.normal((1, 2)).shape, tf.random.normal((2, 3), 0, 0.01).shape": "(TensorShape([1, 2]), TensorShape([2, 3]))",
    "tf.random.uniform((3, 3)).shape, tf.random.uniform(shape=(8, 8)).shape": "(TensorShape([3, 3]), TensorShape([8, 8]))",
    "(1,) + A.shape + (1,), A.shape[1:], len(A.shape), [size for size in A.shape]": "(TensorShape([1, 3, 4, 1]), TensorShape([4]), 2, [3, 4])",
    "tf.reshape(image, (image.shape[0], -1)).shape": "(2, 192)",
    "tf.reshape(A, (1,) + A.shape + (1,)).shape": "(1, 3, 4, 1)",
    "change(tf.Variable([1.0, 2.0]), [3.0, 4.0])": "[3.0, 4.0]",
    "change(tf.Variable(tf.zeros((2, 2))), tf.reduce_max(A[0:2, 1:3]), 0, 1)": "[[0.0, 6.0], [0.0, 0.0]]",
    "change(tf.Variable(tf.ones((2, 3))), tf.zeros((2, 1)), slice(None), slice(1, 2))": "[[1.0, 0.0, 1.0], [1.0, 0.0, 1.0]]",
    "tf.pad(image, tf.constant([[0, 0], [1, 0], [1, 0], [0, 0]]), 'CONSTANT').shape": "(2, 9, 9, 3)",
    "tf.pad(A, [[0, 0], [1, 1]])[0].numpy().tolist()": "[0.0, 0.0, 1.0, 2.0, 3.0, 0.0]",
    "tf.squeeze(tf.ones((1, 3, 1)), 0).shape, tf.squeeze(tf.ones((1, 3, 1))).shape": "(TensorShape([3, 1]), TensorShape([3]))",
    "tf.stack((A, A + 1), 0).shape": "(2, 3, 4)",
    "tf.concat([image, image + 1], 3).shape": "(2, 8, 8, 6)",
    "tf.transpose(A).shape": "(4, 3)",
    "float(tf.reduce_sum(tf.abs(A - A)))": "0.0",
    "tf.math.rsqrt(4.0).numpy()": "0.5",
    "tf.math.squared_difference(A, 1.0)[2, 3].numpy()": "100.0",
    "tf.matmul(A, tf.transpose(A))[0, 0].numpy()": "14.0",
    "tf.multiply(A, 2)[0, 3].numpy()": "6.0",
    "float(tf.reduce_sum(A)), tf.reduce_sum(A, axis=0).numpy().tolist()": "(66.0, [12.0, 15.0, 18.0, 21.0])",
    "tf.reduce_mean(A, axis=0, keepdims=True).shape, tf.reduce_mean(image, [0, 1, 2]).shape, float(tf.reduce_mean(A))": "(TensorShape([1, 4]), TensorShape([3]), 5.5)",
    "tf.reduce_max(A).numpy()": "11.0",
    "layers.Conv2D(1, (1, 2), use_bias=False)(image).shape": "(2, 8, 7, 1)",
    "layers.Conv2D(1, kernel_size=3, padding='same', strides=2)(image).shape": "(2, 4, 4, 1)",
    "layers.Conv2D(1, kernel_size=(3, 5), padding='valid', strides=(3, 4))(image).shape": "(2, 2, 1, 1)",
    "layers.Conv2D(filters=6, kernel_size=5, activation='relu', padding='same')(image).shape": "(2, 8, 8, 6)",
    "layers.Conv2D(6, 3, groups=3)(image).shape": "(2, 6, 6, 6)",
    "Sequential([layers.Conv2D(6, 5, activation='sigmoid', input_shape=(8, 8, 3)), layers.Flatten()])(image).shape": "(2, 96)",
    "Sequential()(A).shape": "(3, 4)",
    "layers.Dense(5)(A).shape, layers.Dense(units=2, activation='relu')(A).shape": "(TensorShape([3, 5]), TensorShape([3, 2]))",
    "layers.MaxPool2D(3)(image).shape, layers.MaxPool2D(pool_size=[3, 3], padding='valid', strides=2)(image).shape": "(TensorShape([2, 2, 2, 3]), TensorShape([2, 3, 3, 3]))",
    "layers.MaxPool2D(pool_size=(2, 3), padding='valid', strides=(2, 3))(image).shape": "(2, 4, 2, 3)",
    "layers.MaxPool2D(3, 1, padding='same')(image).shape": "(2, 8, 8, 3)",
    "layers.BatchNormalization()(image).shape, layers.BatchNormalization()(A).shape": "(TensorShape([2, 8, 8, 3]), TensorShape([3, 4]))",
    "layers.Activation('relu')(-A)[0, 1].numpy() == 0": "True",
    "layers.Flatten()(image).shape, layers.AvgPool2D()(image).shape": "(TensorShape([2, 192]), TensorShape([2, 4, 4, 3]))",
    "layers.AvgPool2D(pool_size=2, strides=2)(image).shape": "(2, 4, 4, 3)",
    "layers.GlobalAvgPool2D()(image).shape": "(2, 3)",
    "tf.keras.Sequential([layers.ReLU(), layers.Dense(10)])(A).shape": "(3, 10)",
    "layers.Concatenate()([A, A]).shape, layers.concatenate([image, image], axis=3).shape": "(TensorShape([3, 8]), TensorShape([2, 8, 8, 6]))",
    "tf.keras.activations.relu(A - 3)[0].numpy().tolist()": "[0.0, 0.0, 0.0, 0.0]",
    "[weight.name for weight in own.weights], len(own.trainable_variables)": "(['w:0', 'b:0', 'm:0'], 2)",
    "own(A).shape, own.zeros.numpy()": "(TensorShape([3, 4]), array([3.], dtype=float32))",
    "[part.__class__.__name__ for part in own.parts], len(own.parts)": "(['ReLU', 'Concatenate'], 2)",
    "[weight.shape for weight in own.get_weights()]": "[(3, 4), (1,), (1,)]",
    "change(own.ones, tf.constant([2.0])), own.set_weights([tf.ones((3, 4)), tf.ones(1), tf.zeros(1)])": "([2.0], None)",
    "own.weight.numpy()[0].tolist(), own.ones.numpy().tolist()": "([1.0, 1.0, 1.0, 1.0], [1.0])",
    "gradient_of_square(tf.Variable([1.0, 2.0])).numpy().tolist()": "[3.0, 6.0]",
    "tf.function(lambda x: tf.reduce_sum(x) * 2)(A).numpy()": "132.0",
    "[type(each).__name__ for each in (layers.AvgPool2D(), layers.MaxPool2D(), layers.GlobalAvgPool2D())]": "['AveragePooling2D', 'MaxPooling2D', 'GlobalAveragePooling2D']",
    "[each.__class__.__name__ for each in Sequential([layers.AvgPool2D(), layers.Flatten()]).layers]": "['AveragePooling2D', 'Flatten']",
    "isinstance(net, tf.keras.Model), net.lr, net.num_classes, sorted(net.hparams)": "(True, 0.2, 10, ['lr', 'num_classes'])",
    "net(A).shape, [each.__class__.__name__ for each in net.net.layers]": "(TensorShape([3, 10]), ['Dense'])",
    "d2l.add_to_class(type('Own', (), {}))(len)": "None",
    "d2l.ResNeXtBlock(32, 16, 1, use_1x1conv=True, strides=2)(tf.ones((1, 8, 8, 32))).shape": "(1, 4, 4, 32)",
    "d2l.ResNeXtBlock(32, 16, 1)(tf.ones((1, 4, 4, 32))).shape": "(1, 4, 4, 32)",
    "d2l.corr2d(A, A[:2, :2])[0, 0].numpy()": "42.0",
    "d2l.Trainer(max_epochs=3).max_epochs": "3",
    "f'{tf.reduce_sum(A):.3f}', float(A[1, 1]), int(A[1, 1]), float(abs(-A)[0, 1]), float((A**2)[1, 0])": "('66.000', 5.0, 5, 1.0, 16.0)",
    "[float(row[0]) for row in A], float((2 * A - 1)[0, 0]), float((1 / (A + 1))[0, 1])": "([0.0, 4.0, 8.0], -1.0, 0.5)",
}


@pytest.fixture(scope="module")
def names():
    load(tf.DIALECT)
    namespace = {}
    exec(IMPORTS, namespace)
    yield namespace
    unload(tf.DIALECT)


@pytest.mark.section("names", "tensorflow")
@pytest.mark.parametrize("call", CALLS)
def test_calls(call, names):
    assert str(eval(call, names)) == CALLS[call]

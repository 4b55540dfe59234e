"""Every name that notebooks use of TensorFlow and Keras is there."""

import pytest

import swiftconv.tensorflow as tf
from swiftconv.tensorflow import d2l

NAMES = """
tf: Variable GradientTape cast concat constant abs float32 function keras math matmul multiply ones pad range
tf: random reduce_max reduce_mean reduce_sum reshape squeeze stack stop_gradient transpose zeros initializers
tf: random_normal_initializer expand_dims argmax data image device exp eye int32 int64 linspace meshgrid one_hot
tf: ones_like zeros_like repeat sigmoid sin sinh cos cosh tanh TensorShape Tensor norm tensordot tile split nn
tf: newaxis maximum minimum sqrt square where equal size shape rank is_tensor identity fill gather config losses
random: normal uniform truncated_normal set_seed shuffle
math: rsqrt squared_difference log exp sqrt reduce_sum
initializers: ones zeros Ones Zeros Constant GlorotUniform HeNormal RandomNormal
keras: Model Sequential Input layers models activations optimizers losses datasets callbacks initializers metrics utils
layers: Conv2D Dense MaxPool2D AvgPool2D BatchNormalization Activation Flatten Dropout GlobalAvgPool2D ReLU Concatenate
layers: concatenate Layer Input Embedding LayerNormalization Reshape Add Conv2DTranspose DepthwiseConv2D Lambda
models: Sequential Model
activations: relu sigmoid softmax tanh linear
optimizers: SGD Adam RMSprop Adagrad
kerasLosses: SparseCategoricalCrossentropy MeanSquaredError Loss CategoricalCrossentropy BinaryCrossentropy
datasets: fashion_mnist
callbacks: Callback
layer: add_weight add_update weights get_weights set_weights build call trainable_variables variables losses
tape: watch gradient jacobian stop_recording
dataset: from_tensor_slices batch map shuffle repeat take skip prefetch cache
d2l: HyperParameters ProgressBoard Module DataModule Trainer Classifier FashionMNIST ResNeXtBlock Residual add_to_class
d2l: corr2d cpu gpu num_gpus try_gpu use_svg_display plot show_images argmax astype float32 numpy randn reduce_mean
d2l: reduce_sum reshape to zeros transpose normal Animator Timer Accumulator load_data_fashion_mnist train_ch3 train_ch6
d2l: SyntheticRegressionData LinearRegression DATA_URL download tensor arange size sgd squared_loss linreg accuracy
"""

PLACES = {
    "tf": tf,
    "random": tf.random,
    "math": tf.math,
    "initializers": tf.initializers,
    "keras": tf.keras,
    "layers": tf.keras.layers,
    "models": tf.keras.models,
    "activations": tf.keras.activations,
    "optimizers": tf.keras.optimizers,
    "kerasLosses": tf.keras.losses,
    "datasets": tf.keras.datasets,
    "callbacks": tf.keras.callbacks,
    "layer": tf.keras.layers.Layer,
    "tape": tf.GradientTape,
    "dataset": tf.data.Dataset,
    "d2l": d2l,
}

PAIRS = [
    (place, name)
    for line in NAMES.strip().splitlines()
    for place, _, names in [line.partition(":")]
    for name in names.split()
]


@pytest.mark.section("names", "tensorflow")
@pytest.mark.parametrize("place, name", PAIRS)
def test_name(place, name):
    assert hasattr(PLACES[place], name)


def test_missing_name():
    with pytest.raises(AttributeError, match="not in swiftconv's tensorflow dialect; near names: Conv"):
        _ = tf.keras.layers.Conv4D

"""``mxnet.gluon``: blocks, parameters, losses, data and training."""

from ...dialects.switch import missing as _missing
from . import block, data, loss, nn, parameter, rnn, trainer, utils
from .block import Block, HybridBlock
from .parameter import Constant, Parameter, ParameterDict
from .trainer import Trainer

__all__ = ["Block", "Constant", "HybridBlock", "Parameter", "ParameterDict", "Trainer"]
__all__ += ["block", "data", "loss", "nn", "parameter", "rnn", "trainer", "utils"]

__getattr__ = _missing("mxnet", "mxnet.gluon", globals())

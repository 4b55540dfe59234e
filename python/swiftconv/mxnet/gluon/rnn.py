"""``mxnet.gluon.rnn``: recurrent layers are not a part of the dialect; the module exists for imports of it."""

from ...dialects.switch import missing as _missing

__getattr__ = _missing("mxnet", "mxnet.gluon.rnn", globals())

from .exported_recognizer import ExportedRecognizer
from .graph_convolution import FoldedGraphConvolution, fold_graph_convolutions
from .onnx_file import to_onnx

__all__ = [
    'ExportedRecognizer',
    'FoldedGraphConvolution',
    'fold_graph_convolutions',
    'to_onnx',
]

from .exported_recognizer import ExportedRecognizer
from .graph_convolution import FoldedGraphConvolution, fold_graph_convolutions
from .int8_file import to_int8
from .onnx_file import kernel_frames, to_onnx, to_program
from .winograd import to_winograd

__all__ = [
    'ExportedRecognizer',
    'FoldedGraphConvolution',
    'fold_graph_convolutions',
    'kernel_frames',
    'to_int8',
    'to_onnx',
    'to_program',
    'to_winograd',
]

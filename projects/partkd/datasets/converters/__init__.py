"""From publishers' files to annotation pickles: one converter a data set, one way for all."""

from .conversion import convert, converter_list, converter_names, make_converter
from .converter import CONVERTERS, Clip, Converter
from .ntu_rgbd import NTU60, NTU120
from .summary import Summary
from .utd_mhad import UTDMHAD

__all__ = [
    'CONVERTERS',
    'NTU120',
    'NTU60',
    'UTDMHAD',
    'Clip',
    'Converter',
    'Summary',
    'convert',
    'converter_list',
    'converter_names',
    'make_converter',
]

"""From publishers' files to annotation pickles: one converter a data set, one way for all."""

from .conversion import convert, converter_list, converter_names, make_converter
from .converter import CONVERTERS, Clip, Converter
from .summary import Summary
from .utd_mhad import UTDMHAD

__all__ = [
    'CONVERTERS',
    'UTDMHAD',
    'Clip',
    'Converter',
    'Summary',
    'convert',
    'converter_list',
    'converter_names',
    'make_converter',
]

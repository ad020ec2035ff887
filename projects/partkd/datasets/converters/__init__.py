"""From publishers' files to annotation pickles."""

from .utd_mhad import convert_utd_mhad

__all__ = ['convert_utd_mhad']

"""Malformed inputs of every kind that comes from outside: each is refused by name, or harmless.

``python -m pytest tests/malformed -s`` prints how many of each kind there are and what became of
them. Every ``inputs_*.py`` holds those of some kinds, as valid ones and what is done to them.
"""

from . import (
    inputs_annotation_files,
    inputs_clips,
    inputs_commands,
    inputs_conversions,
    inputs_layouts,
    inputs_results,
    inputs_settings,
    inputs_written_files,
)

KINDS = {
    **inputs_annotation_files.KINDS,
    **inputs_clips.KINDS,
    **inputs_layouts.KINDS,
    **inputs_settings.KINDS,
    **inputs_written_files.KINDS,
    **inputs_results.KINDS,
    **inputs_commands.KINDS,
    **inputs_conversions.KINDS,
}

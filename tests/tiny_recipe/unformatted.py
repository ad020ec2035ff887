"""Imported by the processes of a sweep, where the tests' own patches do not reach."""

import mmengine.config.config
from yapf.yapflib import yapf_api

for module in (mmengine.config.config, yapf_api):  # mmengine's name for it and onedl-mmengine's
    module.FormatCode = lambda text, **kwargs: (text, True)

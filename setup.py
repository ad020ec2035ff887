"""Packaging of PartKD, a plugin for mmaction2 that lives in ``projects/partkd``."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
# ml_dtypes is not imported here; from 0.6 on it takes numpy to version 2.
EXPORT = ['onnx>=1.19', 'onnxscript>=0.5', 'onnxruntime>=1.20', 'ml_dtypes<0.6']


def read_version() -> str:
    """Reads the version without importing the package, which needs torch."""
    text = (ROOT / 'projects' / 'partkd' / 'version.py').read_text()
    return re.search(r"__version__ = '(.+)'", text)[1]


setup(
    name='partkd',
    version=read_version(),
    description='Part-level knowledge distillation for action recognition from poor skeletons',
    license='Apache-2.0',
    package_dir={'': 'projects'},
    packages=find_packages('projects', include=['partkd', 'partkd.*']),
    python_requires='>=3.10',
    # mmcv is not among these: mmaction2 works with either of mmcv and mmcv-lite, which exclude
    # each other (pose estimation needs mmcv). requirements/core.txt picks mmcv-lite.
    install_requires=[
        'torch>=2.6',
        'numpy>=1.26',
        'scipy',
        'matplotlib',
        'pyyaml',
        'filelock>=3.14',
        'mmengine>=0.10.5',
        'mmaction2>=1.1',
        'importlib_metadata',  # imported by mmaction2, which does not declare it
        'setuptools<82',  # its pkg_resources is imported by mmengine, which does not declare it
    ],
    extras_require={
        'export': EXPORT,
        'tests': [*EXPORT, 'openvino', 'pytest', 'pytest-xdist', 'ruff'],
    },
)

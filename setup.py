"""Packaging of PartKD, a plugin for mmaction2 that lives in ``projects/partkd``."""

import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
# ml_dtypes is not imported here; from 0.6 on it takes numpy to version 2.
EXPORT = ['onnx>=1.19', 'onnxscript>=0.5', 'onnxruntime>=1.20', 'ml_dtypes<0.6']
CLUSTER = 'submitit>=1.5'


class BuildWithMim(build_py):
    """Adds configs, tools and model index, as ``partkd/.mim``, where OpenMMLab looks for them.

    mmaction2 makes links in its source tree for that. Here the folder is only in what is built; an
    editable install has its checkout.
    """

    def run(self) -> None:
        """Build, and copy what is no module."""
        super().run()
        if not self.editable_mode:
            copy_mim(Path(self.build_lib) / 'partkd' / '.mim')


def copy_mim(folder: Path) -> None:
    """Copies to a folder what OpenMMLab's tools look for, under the paths it has here."""
    shutil.rmtree(folder, ignore_errors=True)  # an earlier build may have left what is gone now
    for name in ('configs', 'tools'):
        # the benchmarks are no part of the package
        skipped = shutil.ignore_patterns('__pycache__', 'benchmark')
        shutil.copytree(ROOT / name, folder / name, ignore=skipped)
    for name in ('model-index.yml', 'projects/partkd/metafile.yml'):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)


def read_version() -> str:
    """Reads the version without importing the package, which needs torch."""
    text = (ROOT / 'projects' / 'partkd' / 'version.py').read_text()
    return re.search(r"__version__ = '(.+)'", text)[1]


setup(
    name='partkd',
    version=read_version(),
    description='Part-level knowledge distillation for action recognition from poor skeletons',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    author='PartKD contributors',
    maintainer='PartKD contributors',
    license='Apache-2.0',
    project_urls={'Paper': 'https://arxiv.org/abs/2404.18206'},
    keywords=[
        'skeleton-based action recognition',
        'knowledge distillation',
        'pose estimation',
        'graph convolutional networks',
        'OpenMMLab',
        'mmaction2',
    ],
    classifiers=[
        'Development Status :: 4 - Beta',
        'Intended Audience :: Developers',
        'Intended Audience :: Science/Research',
        'Operating System :: OS Independent',
        'Programming Language :: Python :: 3',
        'Programming Language :: Python :: 3.10',
        'Programming Language :: Python :: 3.11',
        'Programming Language :: Python :: 3.12',
        'Programming Language :: Python :: 3.13',
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
        'Topic :: Scientific/Engineering :: Image Recognition',
        'Typing :: Typed',
    ],
    package_dir={'': 'projects'},
    packages=find_packages('projects', include=['partkd', 'partkd.*']),
    package_data={'partkd': ['py.typed']},
    cmdclass={'build_py': BuildWithMim},
    python_requires='>=3.10, <3.14',  # mmengine calls what Python 3.14 no longer has
    # mmcv is not among these: mmaction2 works with either of mmcv and mmcv-lite, which exclude
    # each other (pose estimation needs mmcv). requirements/core.txt picks mmcv-lite.
    install_requires=[
        'torch>=2.6',
        'numpy>=1.26',
        'scipy',
        'matplotlib',
        'pillow',
        'pyyaml',
        'filelock>=3.14',
        'mmengine>=0.10.5',
        'mmaction2>=1.1',
        'importlib_metadata',  # imported by mmaction2, which does not declare it
        'setuptools<82',  # its pkg_resources is imported by mmengine, which does not declare it
    ],
    extras_require={
        'export': EXPORT,
        'slurm': [CLUSTER],
        'web': ['gradio>=6.31,<7'],
        'blazepose': ['mediapipe==0.10.21'],  # the last with mediapipe.solutions
        'tests': [
            *EXPORT,
            CLUSTER,
            'openvino',
            'pytest',
            'pytest-xdist',
            'ruff',
            'mypy',
            'types-PyYAML',
            'scipy-stubs',
        ],
    },
)

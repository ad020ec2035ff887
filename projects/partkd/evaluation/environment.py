"""What a number was made with. Holds no host names, user names or paths."""

import platform
import subprocess
from importlib import metadata
from pathlib import Path

import torch

PACKAGES = {
    'torch': ('torch',),
    'numpy': ('numpy',),
    'mmengine': ('mmengine',),
    'mmaction2': ('mmaction2',),
    'mmcv': ('mmcv', 'mmcv-lite'),
}


def environment() -> dict[str, str | int | None]:
    """Versions, device, threads and commit of this process.

    Returns:
        dict: ``python``, ``torch``, ``numpy``, ``mmengine``, ``mmaction2``, ``mmcv``, ``device``,
        ``threads``, and ``commit`` (see :func:`git_commit`).
    """
    versions = {name: _version(*names) for name, names in PACKAGES.items()}
    return dict(
        python=platform.python_version(),
        **versions,
        device=_device_name(),
        threads=torch.get_num_threads(),
        commit=git_commit(),
    )


def git_commit(package: Path = Path(__file__).parents[1]) -> str | None:
    """Commit of the checkout that the package is run from.

    Args:
        package (Path): A folder of the checkout. Defaults to the installed package.

    Returns:
        str | None: The commit, with the words "with uncommitted changes" where so. None where
        there is no git, no commit, or where the package is no part of the repository around it
        (a copy installed into an environment inside another project's checkout).
    """
    tracked = _git(package, 'ls-files', '--error-unmatch', '__init__.py')
    commit = _git(package, 'rev-parse', 'HEAD')
    if tracked is None or commit is None:
        return None
    changes = _git(package, 'status', '--porcelain')
    return f'{commit} with uncommitted changes' if changes else commit


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        answer = subprocess.run(
            ['git', '-C', str(folder), *arguments], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()


def _version(*names: str) -> str | None:
    """Version of the first of these distributions that is installed."""
    for name in names:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return None


def _device_name() -> str:
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    try:
        lines = Path('/proc/cpuinfo').read_text(encoding='utf-8').splitlines()
    except OSError:
        lines = []
    names = [line.split(':', 1)[1].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else platform.machine()


def in_words(made_with: dict) -> str:
    """An environment in one line.

    Args:
        made_with (dict): See :func:`environment`.

    Returns:
        str: Such as ``'python 3.11, torch 2.13, ...'``.
    """
    return ', '.join(f'{key} {value}' for key, value in made_with.items())

"""UTD-MHAD: the publishers' ``.mat`` skeletons to an annotation pickle.

The release holds one file ``a{action}_s{subject}_t{trial}_skeleton.mat`` for each of 861 clips,
with ``d_skel`` (20 joints, 3, frames): Kinect v1 positions in metres (Chen et al., ICIP 2015).
"""

import re
from pathlib import Path

import numpy as np
from mmengine.logging import MMLogger
from scipy.io import loadmat

from partkd.datasets.annotations import check_clip, save_annotations
from partkd.layouts import get_layout

_NAME = re.compile(r'(a(\d+)_s(\d+)_t\d+)_skeleton\.mat')
_JOINTS = 20
_CLASSES = 27
# That of the annotation files that the configs read, and the publishers' own protocol.
_SPLITS = {
    'xsub_train': (1, 3, 5),
    'xsub_val': (7,),
    'odd': (1, 3, 5, 7),
    'even': (2, 4, 6, 8),
}
_SHOWN = 5


def convert_utd_mhad(mat_dir: str | Path, out_file: str | Path) -> dict:
    """Converts a folder of UTD-MHAD skeletons.

    Splits: ``xsub_train`` (subjects 1, 3, 5) and ``xsub_val`` (7) are those of the configs;
    ``odd`` and ``even`` are the publishers' protocol.
    A split without a clip is left out.

    Args:
        mat_dir (str | Path): The folder, searched with all folders in it.
        out_file (str | Path): The annotation pickle to write.

    Returns:
        dict: What was written, ``split`` and ``annotations``: clips in the layout ``kinect_v1``,
        ``keypoint`` (1, T, 20, 3) float32 in metres.

    Raises:
        FileNotFoundError: Where the folder holds no such file.
        ValueError: Where files are bad; it names the first of them and counts the rest.
    """
    files = sorted(Path(mat_dir).rglob('*_skeleton.mat'))
    if not files:
        raise FileNotFoundError(
            f'no *_skeleton.mat in {mat_dir}: set the folder of UTD-MHAD\'s "Skeleton" archive'
        )
    annotations = _read_clips(files)
    split = _make_splits([clip['frame_dir'] for clip in annotations])
    save_annotations(annotations, split, out_file)
    sizes = ', '.join(f'{name} {len(names)}' for name, names in split.items())
    MMLogger.get_current_instance().info(f'{out_file}: {len(annotations)} clips ({sizes})')
    return {'split': split, 'annotations': annotations}


def _read_clips(files: list[Path]) -> list[dict]:
    """Reads all files, and only then complains about the bad ones."""
    clips, faults = {}, []
    for file in files:
        try:
            clip = _read_clip(file)
            if clip['frame_dir'] in clips:
                raise ValueError(f'{file}: another folder has this name as well: remove one')
            clips[clip['frame_dir']] = clip
        except ValueError as error:
            faults.append(f'  {error}')
    if faults:
        more = f'\n  and {len(faults) - _SHOWN} more' if len(faults) > _SHOWN else ''
        shown = '\n'.join(faults[:_SHOWN])
        raise ValueError(f'{len(faults)} of {len(files)} files are bad:\n{shown}{more}')
    return list(clips.values())


def _read_clip(file: Path) -> dict:
    name = _NAME.fullmatch(file.name)
    if name is None or not 1 <= int(name[2]) <= _CLASSES:
        raise ValueError(
            f'{file}: no name like a1_s1_t1_skeleton.mat with an action from 1 to {_CLASSES}: '
            'rename or remove it'
        )
    keypoint = _read_positions(file).transpose(2, 0, 1)[None].astype(np.float32)
    clip = {
        'frame_dir': name[1],
        'label': int(name[2]) - 1,
        'total_frames': keypoint.shape[1],
        'keypoint': np.ascontiguousarray(keypoint),
    }
    if fault := check_clip(clip, get_layout('kinect_v1'), _CLASSES):
        raise ValueError(f'{file}: {fault}')
    return clip


def _read_positions(file: Path) -> np.ndarray:
    """``d_skel`` (20, 3, T) of one file."""
    try:
        content = loadmat(file)
    except Exception as error:  # scipy raises nearly anything on foreign bytes
        raise ValueError(
            f'{file}: truncated or no MATLAB file ({type(error).__name__}: {error}): '
            'download it again'
        ) from error
    if 'd_skel' not in content:
        names = sorted(key for key in content if not key.startswith('__'))
        raise ValueError(f'{file}: no d_skel, it has {names}: take the skeleton files')
    positions = content['d_skel']
    if not isinstance(positions, np.ndarray):
        raise ValueError(f'{file}: d_skel is sparse, it should be an array: download it again')
    if positions.ndim != 3 or positions.shape[:2] != (_JOINTS, 3) or positions.shape[2] == 0:
        raise ValueError(
            f'{file}: d_skel has shape {positions.shape}, it should be ({_JOINTS}, 3, frames): '
            'download it again'
        )
    if positions.dtype.kind not in 'iuf' or not np.isfinite(positions).all():
        raise ValueError(f'{file}: d_skel is not finite numbers throughout: download it again')
    return positions


def _make_splits(names: list[str]) -> dict[str, list[str]]:
    subject = {name: int(re.findall(r'_s(\d+)_', name)[0]) for name in names}
    splits = {
        split: [name for name in names if subject[name] in subjects]
        for split, subjects in _SPLITS.items()
    }
    return {split: members for split, members in splits.items() if members}

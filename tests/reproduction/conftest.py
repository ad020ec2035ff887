"""Publishers' and an estimator's files in miniature, and the data made of them."""

import json
import re
import runpy
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from partkd.layouts import get_layout
from partkd.reproduction import make_plan, missing_files, read_table

TOOLS = Path(__file__).resolve().parents[2] / 'tools'
# By name, what is done; of each data set some clips in either split.
NTU60 = {
    f'S001C00{camera}P00{person}R001A00{action}': action
    for person in (1, 2, 3, 6)  # the first two train
    for camera in (1, 2)
    for action in (1, 2)
}
PENN = {f'{number:04d}': 1 + number % 2 for number in range(1, 9)}
SYSU = {f'{person}_video{a:02d}': a for person in ('ann', 'bob', 'carl', 'dora') for a in (1, 2)}
# A network, and epochs, for a test.
SMALL = {
    'model.backbone.base_channels': 4,
    'model.backbone.num_stages': 1,
    'model.backbone.inflate_stages': [],
    'model.backbone.down_stages': [],
    'model.cls_head.in_channels': 4,
    'train_cfg.max_epochs': 1,
    **{f'{split}_dataloader.num_workers': 0 for split in ('train', 'val', 'test')},
}


def _motion(layout: str, dims: int, action: int, seed: int) -> np.ndarray:
    """Somebody in the middle of a picture who swings a limb, (T, V, dims)."""
    pose = np.random.default_rng(0).normal(size=(25, dims))[: get_layout(layout).num_joints]
    clip = np.repeat(pose[None], 12, axis=0)
    swing = np.sin(np.linspace(0, 6, 12) + seed)
    clip[:, list(get_layout(layout).parts[action])] += swing[:, None, None]
    return 100 + 20 * clip if dims == 2 else clip


def _write_ntu60(folder: Path) -> None:
    for seed, (name, action) in enumerate(NTU60.items()):
        lines = ['12']
        for joints in _motion('nturgb+d', 3, action, seed):
            lines += ['1', '7 0 1 1 1 1 0 0.01 -0.25 2', '25']
            lines += [f'{x!r} {y!r} {z!r} 1 2 3 4 0 0 0 0 2' for x, y, z in joints.tolist()]
        (folder / f'{name}.skeleton').write_text('\n'.join(lines))


def _write_penn(folder: Path) -> None:
    for number, (name, action) in enumerate(PENN.items()):
        points = _motion('penn_action', 2, action, number)
        content = dict(
            action=[('bowl', 'squat')[action - 1]],
            x=points[..., 0],
            y=points[..., 1],
            visibility=np.ones(points.shape[:2], np.uint8),
            train=1 if number < 4 else -1,
            dimensions=[270, 480, len(points)],
        )
        savemat(folder / f'{name}.mat', content)


def _write_sysu(folder: Path) -> None:
    for seed, (name, action) in enumerate(SYSU.items()):
        place = folder / name.split('_')[0] / f'video{action}'
        place.mkdir(parents=True)
        positions = _motion('kinect_v1', 3, action, seed).transpose(1, 2, 0)
        savemat(place / 'sklWorld.mat', dict(SW=positions))


def _write_pifpaf(folder: Path, names: dict[str, int]) -> None:
    for seed, (name, action) in enumerate(names.items()):
        frames = [
            np.column_stack([joints, np.full(17, 0.9)]).ravel().tolist()
            for joints in _motion('coco', 2, action, seed)
        ]
        lines = [
            json.dumps(dict(frame=number, predictions=[dict(keypoints=points, score=0.9)]))
            for number, points in enumerate(frames, 1)
        ]
        (folder / f'{name}.mp4.openpifpaf.json').write_text('\n'.join(lines))


@pytest.fixture(scope='session')
def commands() -> list[list[str]]:
    """The commands that make all files of all tables, as they are shown for the folder ROOT."""
    tables = [read_table(f'table{number}') for number in range(1, 6)]
    missing = [
        one
        for table in tables
        for one in missing_files(table, make_plan(table, table.rows), Path('ROOT'))
    ]
    return [shlex.split(one) for one in dict.fromkeys(one.command for one in missing)]


@pytest.fixture(scope='session')
def root(commands, tmp_path_factory) -> Iterator[Path]:
    """Folder of all data, made by the commands that are shown where it is empty."""
    base = tmp_path_factory.mktemp('publishers')
    folders = {'NTU_SKELETONS': _write_ntu60, 'PENN_LABELS': _write_penn}
    folders['SYSU_3DVIDEONORM'] = _write_sysu
    for name, write in folders.items():
        (base / name).mkdir()
        write(base / name)
    for data, names in (('skeleton', NTU60), ('pennaction', PENN), ('sysu', SYSU)):
        (base / f'PIFPAF_JSON_{data}').mkdir()
        _write_pifpaf(base / f'PIFPAF_JSON_{data}', names)
    ignored = base / 'NTU_RGBD_samples_with_missing_skeletons.txt'
    ignored.write_text('S001C002P005R002A008\n')
    made = base / 'ROOT'
    with pytest.MonkeyPatch.context() as patch:
        for _, tool, name, src, *rest in commands:
            src = f'PIFPAF_JSON_{Path(rest[0]).parent.name}' if src == 'PIFPAF_JSON' else src
            rest = [re.sub('ROOT', str(made), text) for text in rest]
            rest = [str(ignored) if text == ignored.name else text for text in rest]
            arguments = [tool, name, str(base / src), *rest, '--processes', '1']
            patch.setattr(sys, 'argv', arguments)
            with pytest.raises(SystemExit, match='0'):
                runpy.run_path(str(TOOLS / 'data' / 'convert.py'), run_name='__main__')
    yield made


@pytest.fixture
def work_dir(tmp_path, monkeypatch) -> Path:
    """Where to reproduce to, in a folder that caches go to as well, without pictures."""
    monkeypatch.chdir(tmp_path)
    for name in ('draw_pair', 'draw_matrix'):
        monkeypatch.setattr(f'partkd.experiments.chain.{name}', lambda *args, **kwargs: None)
    return tmp_path / 'work'

"""The commands of docs/streams.md train, test and fuse four streams."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from mmengine.config import Config

from partkd.datasets import load_annotations, save_annotations
from partkd.datasets.synthetic import make_synthetic

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'streams.md'
STREAMS = ['joint', 'bone', 'joint_motion', 'bone_motion']


def commands() -> Iterator[str]:
    """The lines of all blocks, those in a loop once for each stream."""
    for block in re.findall(r'```bash\n(.*?)```', PAGE.read_text(), re.S):
        for loop, alone in re.findall(r'(for .*?\ndone)\n|(.+)\n', block, re.S | re.M):
            head, *lines = (loop or f'\n{alone}').splitlines()
            names = re.findall(r'\w+', head.partition(' in ')[2].partition(';')[0])
            for name in names or ['']:
                for line in lines[:-1] if loop else lines:
                    yield re.sub(r'\$(\{stream\}|stream)', name, line).strip()


def test_four_streams_and_their_fusion(checkout, run_command):
    files = make_synthetic(out_dir=checkout / 'data/demo', num_subjects=2, repeats=1)
    content = load_annotations(files['student'])
    names = content['split']['xsub_val']
    split = content['split'] | dict(xsub_val=names[::2], val=names[1::2])
    save_annotations(content['annotations'], split, files['student'])
    records = []
    for command in commands():
        run_command(command.replace('epoch_24', 'epoch_1'))
        if 'fuse.py' in command:
            records.append(json.loads((checkout / 'work_dirs/fusion/fusion.json').read_text()))
    given, found = records
    assert list(given['weights'].values()) == [2 / 6, 2 / 6, 1 / 6, 1 / 6]
    assert list(given['figures']) == [*STREAMS, 'fusion']
    assert list(found['weights']) == ['joint', 'bone']
    assert given['clips'] == found['clips'] == len(names[::2])
    assert found['found_on']['clips'] == len(names[1::2])
    for stream in STREAMS:
        cfg = Config.fromfile(checkout / f'work_dirs/{stream}/demo_student.py')
        for split in ('train', 'val', 'test'):
            steps = cfg[f'{split}_dataloader'].dataset.pipeline
            assert [step.streams for step in steps if 'streams' in step] == [[stream]]

"""The two configs of docs/your_data.md and its one command distil."""

import re
from pathlib import Path

from partkd.datasets import load_annotations, save_annotations
from partkd.datasets.synthetic import make_synthetic

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'your_data.md'


def test_a_homogeneous_pair(checkout, run_command):
    section = PAGE.read_text().split('\n## Both sides in 2D')[1].split('\n## ')[0]
    configs = re.findall(r'```python\n# (\S+)\n(.*?)```', section, re.S)
    assert [name for name, _ in configs] == [
        'configs/partkd/pair_teacher.py',
        'configs/partkd/pair_student.py',
    ]
    for name, content in configs:
        (checkout / name).write_text(content.replace('max_epochs=60', 'max_epochs=1'))
    files = make_synthetic(out_dir=checkout / 'data/demo', num_subjects=2, repeats=2)
    content = load_annotations(files['student'])
    split = dict(zip(('train', 'val'), content['split'].values()))
    for file in ('large', 'small'):
        save_annotations(content['annotations'], split, checkout / f'data/yours/{file}.pkl')
    (command,) = re.findall(r'```bash\n(.*)\n```', section)
    run_command(command.replace('--seeds 0 1 2', "--seeds 0 --students 'KL + PMSC on segments'"))
    report = (checkout / 'work_dirs/pair_student/results.md').read_text()
    assert re.search(r'^\| KL \+ PMSC on segments \| \d', report, re.M), report


def test_two_configs_and_one_command(checkout, run_command):
    section = PAGE.read_text().split('\n## 3.')[1].split('\n## ')[0]
    configs = re.findall(r'```python\n# (\S+)\n(.*?)```', section, re.S)
    assert len(configs) == 2
    for name, content in configs:
        (checkout / name).write_text(content.replace('max_epochs=60', 'max_epochs=1'))
    make_synthetic(out_dir=checkout / 'data/demo', num_subjects=2, repeats=2)
    (checkout / 'data/yours').mkdir()
    for demo, yours in (('kinect25_3d', 'kinect'), ('coco17_2d', 'phone')):
        (checkout / f'data/demo/{demo}.pkl').rename(checkout / f'data/yours/{yours}.pkl')
    (command,) = re.findall(r'```bash\n(.*)\n```', section)
    run_command(command.replace('--seeds 0 1 2', "--seeds 0 --students 'KL + PMSC on segments'"))
    report = (checkout / 'work_dirs/yours_student/results.md').read_text()
    for row in ('teacher', 'cross entropy', 'KL + PMSC on segments'):
        assert re.search(rf'^\| {re.escape(row)} \| \d', report, re.M), report

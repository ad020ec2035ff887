"""Models under degradations, end to end."""

import json
from pathlib import Path

import matplotlib.image
import pytest

from partkd import apis
from partkd.configuration import read_published
from partkd.engine import CheckedRunner

TABLES = Path(__file__).resolve().parents[2] / 'configs' / 'partkd' / 'robustness'
JOINTS = 'joints:prob=0.6,scope=clip'


def test_a_matrix_of_models_and_degradations(configs, reference, find_step, tmp_path):
    step = find_step(reference.work_dir, 'op_0_pmsc')
    models = {
        'PMSC': (step / 'tiny.py', step / 'epoch_3.pth'),
        'the same': (configs / 'common.py', step / 'epoch_3.pth'),
    }
    degradations = [JOINTS, 'frames:share=1']
    figures = apis.robustness(models, degradations, tmp_path / 'out')
    assert list(figures['PMSC']) == ['as it is', *degradations]
    assert figures['PMSC'] == figures['the same']
    occluded = apis.test(*models['PMSC'], tmp_path, occlusion=0.6, occlusion_scope='clip')
    degraded = apis.test(*models['PMSC'], tmp_path, degrade=[JOINTS])
    assert figures['PMSC'][JOINTS] == pytest.approx(occluded['acc/top1'])
    assert figures['PMSC'][JOINTS] == pytest.approx(degraded['acc/top1'])
    assert figures['PMSC']['frames:share=1'] == pytest.approx(0.5)  # one class for all clips
    record = json.loads((tmp_path / 'out' / 'robustness.json').read_text())
    assert record['top1'] == figures and record['clips'] == {'PMSC': 6, 'the same': 6}
    page = (tmp_path / 'out' / 'robustness.md').read_text()
    assert f'|  | as it is | {JOINTS} | frames:share=1 |' in page
    assert matplotlib.image.imread(tmp_path / 'out' / 'robustness.png').size


def test_published_figures_are_rows(configs, reference, find_step, tmp_path):
    step = find_step(reference.work_dir, 'op_0_pmsc')
    file = tmp_path / 'table.yml'
    text = 'source: somebody\ndegradations: [{}]\nrows: {{theirs: {}}}\n'
    file.write_text(text.format('"frames:share=1"', [80.7, 24]))
    model = {'ours': (step / 'tiny.py', step / 'epoch_3.pth')}
    apis.robustness(model, ['jitter'], tmp_path / 'out', beside=file)
    page = (tmp_path / 'out' / 'robustness.md').read_text()
    assert '|  | as it is | frames:share=1 | jitter |' in page
    assert '| *theirs* | *80.7* | *24.0* | – |' in page and 'published figures: somebody.' in page
    record = json.loads((tmp_path / 'out' / 'robustness.json').read_text())
    assert record['published']['rows'] == dict(theirs=[80.7, 24])
    assert list(record['top1']) == ['ours']


TABLE = dict(source='somebody', degradations=['jitter'], rows=dict(theirs=[80.7, 24.0]))


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(rows=dict(theirs=[80.7])), r"row 'theirs' has \[80\.7\]: give 2 figures in percent"),
        (dict(rows=dict(theirs=[80.7, 101.0])), 'give 2 figures in percent'),
        (dict(rows=dict(theirs='80')), 'rows'),
        (dict(degradations=['fog']), "no degradation 'fog'"),
        (dict(degradations=['jitter', 'jitter']), 'names a degradation twice'),
        (dict(title='a table'), 'is no table of figures: give degradations, rows, source'),
    ],
)
def test_what_is_no_table(tmp_path, change, message):
    file = tmp_path / 'table.yml'
    file.write_text(json.dumps(TABLE | change))
    with pytest.raises(ValueError, match=message):
        read_published(file)


@pytest.mark.parametrize('file', sorted(TABLES.glob('*.yml')), ids=lambda file: file.stem)
def test_tables_of_others_can_be_read(file):
    """Whole skeletons give a model one figure, in whatever table it stands."""
    table = read_published(file)
    assert {name: row[0] for name, row in table.rows.items()} == {
        'ST-GCN': 80.7,
        'SR-TSL': 84.8,
        "RA-GCN's baseline": 85.8,
        '2s RA-GCN': 85.8,
        '3s RA-GCN': 85.9,
    }


def test_a_training_sees_them_too(configs, tmp_path, monkeypatch):
    """Of a distillation the student alone."""
    seen = []
    monkeypatch.setattr(CheckedRunner, 'from_cfg', lambda cfg: seen.append(cfg) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        apis.train(configs / 'tiny.py', tmp_path, degrade=['jitter', 'frames'])
    for split, there in (('train', True), ('val', True), ('test', False)):
        dataset = seen[0][f'{split}_dataloader'].dataset
        kinds = [step['type'] for step in dataset.pipeline]
        assert (kinds[kinds.index('JointOcclusion') - 2 :][:2] == ['JointJitter', 'FrameLoss']) == (
            there
        )
    teacher = seen[0].train_dataloader.dataset.teacher.pipeline
    assert not {'JointJitter', 'FrameLoss'} & {step['type'] for step in teacher}


def test_an_occlusion_asked_for_is_of_the_pipelines_own_step(configs, monkeypatch, tmp_path):
    """Not of the one that a degradation added."""
    seen = []
    monkeypatch.setattr(CheckedRunner, 'from_cfg', lambda cfg: seen.append(cfg) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        apis.test(configs / 'tiny.py', 'gone.pth', tmp_path, occlusion=0.1, degrade=[JOINTS])
    steps = seen[0].test_dataloader.dataset.pipeline
    assert [step['prob'] for step in steps if step['type'] == 'JointOcclusion'] == [0.6, 0.1]


def test_reports_tell_no_folders(configs, reference, find_step, tmp_path):
    step = find_step(reference.work_dir, 'op_0_pmsc')
    text = f'masks:file={configs / "low.pkl"},layout=coco'
    apis.robustness({'a': (step / 'tiny.py', step / 'epoch_3.pth')}, [text], tmp_path / 'out')
    for name in ('robustness.md', 'robustness.json'):
        page = (tmp_path / 'out' / name).read_text()
        assert 'masks:file=low.pkl,layout=coco' in page and str(configs) not in page


def test_what_is_wrong_is_said_first(tmp_path):
    with pytest.raises(ValueError, match="no degradation 'fog'"):
        apis.robustness({'a': ('gone.py', 'gone.pth')}, ['fog'], tmp_path)

"""What a project of this field has beside its code says what code, configs and results say."""

import re
import runpy
from pathlib import Path

import pytest
import setuptools
import torch
import yaml
from mmaction.registry import MODELS
from mmengine import Config
from mmengine.registry import init_default_scope
from torch.utils.flop_counter import FlopCounterMode

import partkd
from partkd.configuration import innermost_dataset, load_config
from partkd.reproduction import read_table

ROOT = Path(__file__).resolve().parents[2]
PAGES = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'projects/partkd/README.md']
PAGES += [f'{page.relative_to(ROOT)}' for page in sorted((ROOT / 'docs').rglob('*.md'))]
# Where docs/reports has the figures of a model: the recipe's section, and the row.
RECOMMENDED = 'UTD-MHAD, the recommended form: Kinect v1 in 3D teaches COCO-17 in 2D at 160x120'
PAIR = 'UTD-MHAD, Kinect v1 in 3D (20 joints) teaches COCO-17 in 2D at 160x120'
VISIBLE = 'Penn Action, all joints by hand teach those that could be seen'
VIDEOS = 'Videos of MSR Action3D, BlazePose at 256 pixels teaches BlazePose at 112'
RESOLUTION = 'UTD-MHAD, COCO-17 in 2D at 320x240 teaches COCO-17 in 2D at 160x120'
ROWS = {
    'stgcn_utdmhad_recommended': (RECOMMENDED, 'KL + PMSC on segments'),
    'stgcn_utdmhad_recommended_teacher': (RECOMMENDED, 'teacher'),
    'stgcn_utdmhad_recommended_student': (RECOMMENDED, 'cross entropy + label smoothing'),
    'stgcn_utdmhad_hetero': (PAIR, 'PMSC (alpha 10)'),
    'stgcn_utdmhad_homo': (RESOLUTION, 'PMSC (alpha 10)'),
    'stgcn_pennaction_visible': (VISIBLE, 'KL + PMSC on segments'),
    'stgcn_pennaction_visible_teacher': (VISIBLE, 'teacher'),
    'stgcn_pennaction_visible_student': (VISIBLE, 'plain'),
    'stgcn_videos_teacher': (VIDEOS, 'teacher'),
    'stgcn_videos_student': (VIDEOS, 'cross entropy'),
}
# Of the paper's data sets: name and column in its tables.
COLUMNS = {
    'NTU60-XSub': ('ntu60', 'CS'),
    'NTU60-XView': ('ntu60', 'CV'),
    'Penn Action': ('pennaction', 'Top1'),
    'SYSU 3D HOI, setting 1': ('sysu', 'Setting1'),
}
LEFT_OUT = ' (clips left out in turn)'


def read_yaml(name: str) -> dict:
    return yaml.safe_load((ROOT / name).read_text())


def sections() -> dict[str, str]:
    """The reports of docs/reports by their titles."""
    pages = [page.read_text() for page in (ROOT / 'docs' / 'reports').glob('*.md')]
    parts = [part for page in pages for part in page.split('\n## ')[1:]]
    return dict(part.split('\n', 1) for part in parts)


def models() -> list:
    (metafile,) = read_yaml('model-index.yml')['Import']
    return [pytest.param(model, id=model['Name']) for model in read_yaml(metafile)['Models']]


def figures_of_the_paper(data_set: str, model_type: str) -> set[float]:
    """Those of its tables at OP 0, with distillation or without."""
    name, column = COLUMNS[data_set]
    wanted = {'with KD'} if model_type == 'KDRecognizer' else {'teacher', 'without KD'}
    return {
        row.paper[column]
        for number in (1, 2)
        for row in read_table(f'table{number}').rows
        if row.data == name and row.condition == 'OP 0' and row.model in wanted
    }


@pytest.mark.parametrize('model', models())
def test_sizes_are_those_of_the_network(model: dict):
    init_default_scope('mmaction')
    cfg = load_config(ROOT / model['Config'])
    network = MODELS.build(cfg.model.get('student', cfg.model)).eval()
    steps = innermost_dataset(cfg.test_dataloader.dataset).pipeline
    frames = next((s.clip_len for s in steps if s.type == 'UniformSampleSkeleton'), 100)
    joints, channels = network.layout.num_joints, network.backbone.in_channels
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, 1, frames, joints, channels))
    parameters = sum(parameter.numel() for parameter in network.parameters())
    said = model['Metadata']
    assert said['Parameters'] == f'{parameters / 1e6:.2f}M'
    assert said['FLOPs'] == f'{counter.get_total_flops() / 2e9:.2f}G'  # counts both


def test_the_model_zoo_says_what_the_metafile_says():
    page = (ROOT / 'docs' / 'model_zoo.md').read_text()
    ours, papers = (
        [line for line in part.splitlines() if line.startswith('| [`')]
        for part in page.split('\n## ')[1:]
    )
    said = {True: papers, False: ours}
    for (model,) in (one.values for one in models()):
        for result in model['Results']:
            ((metric, accuracy),) = result['Metrics'].items()
            own = [line for line in said['paper' in metric] if f'[`{model["Name"]}`]' in line]
            (cells,) = (
                cells
                for line in own
                if (cells := [cell.strip() for cell in line.strip('|').split('|')])[6]
                == result['Dataset']
            )
            assert float(cells[7]) == accuracy
            metadata = model['Metadata']
            assert cells[3:6] == [
                str(metadata['Epochs']),
                metadata['Parameters'],
                metadata['FLOPs'],
            ]
    assert len(ours) + len(papers) == sum(len(one.values[0]['Results']) for one in models())


@pytest.mark.parametrize('model', models())
def test_the_metafile_says_what_configs_and_results_say(model: dict):
    cfg = Config.fromfile(ROOT / model['Config'])
    assert Path(model['Config']).stem == model['Name']
    assert model['Metadata']['Batch Size'] == cfg.train_dataloader.batch_size
    assert model['Metadata']['Epochs'] == cfg.train_cfg.max_epochs
    if model['Name'] not in ROWS:
        (result,) = model['Results']
        (figure,) = result['Metrics'].values()
        assert list(result['Metrics']) == ['Top 1 Accuracy of the paper']
        assert figure in figures_of_the_paper(result['Dataset'], cfg.model.type)
        return
    title, row = ROWS[model['Name']]
    for result in model['Results']:
        report = sections()[title + LEFT_OUT * ('left out' in result['Dataset'])]
        accuracy = result['Metrics']['Top 1 Accuracy']
        assert report.split(f'| {row} | ')[1].startswith(f'{accuracy} ± ')


def test_figures_of_the_project_page_are_in_the_results():
    page = (ROOT / 'projects' / 'partkd' / 'README.md').read_text()
    figures = re.findall(r'[\d.]+ ± [\d.]+ \(\d+\)', page)
    assert len(figures) == 6
    results = sections()
    for figure, title in zip(figures, [RECOMMENDED + LEFT_OUT, RECOMMENDED] * 3):
        assert f'| {figure} |' in results[title]


def test_version_and_paper_are_the_same_everywhere():
    citation = read_yaml('CITATION.cff')
    assert citation['version'] == partkd.__version__
    headings = re.findall(r'^## (.+)$', (ROOT / 'CHANGELOG.md').read_text(), re.M)
    assert headings[:2] == ['[Unreleased]', partkd.__version__]
    (collection,) = read_yaml('projects/partkd/metafile.yml')['Collections']
    (reference,) = citation['references']
    assert reference['url'] == collection['Paper']['URL']
    assert reference['title'] == collection['Paper']['Title']


def test_the_workflow_runs_what_ci_runs_with_every_python(monkeypatch):
    (job,) = read_yaml('.github/workflows/ci.yml')['jobs'].values()
    matrix = job['strategy']['matrix']
    targets = {*matrix['target'], *(more['target'] for more in matrix['include'])}
    assert targets == set(re.findall(r'^make (\S+)$', (ROOT / '.ci/run').read_text(), re.M))
    arguments = {}
    monkeypatch.setattr(setuptools, 'setup', arguments.update)
    runpy.run_path(str(ROOT / 'setup.py'))
    versions = re.findall(r'Python :: (3\.\d+)', ' '.join(arguments['classifiers']))
    assert matrix['python'] == versions


def test_hooks_of_pre_commit_are_those_of_make_lint():
    (repo,) = read_yaml('.pre-commit-config.yaml')['repos']
    lint = (ROOT / 'Makefile').read_text().split('\nlint:')[1].split('\n\n')[0]
    for hook in repo['hooks']:
        assert hook['entry'].removesuffix(' --force-exclude') in lint


@pytest.mark.parametrize('page', PAGES)
def test_links_to_files_lead_somewhere(page: str):
    text = (ROOT / page).read_text()
    links = re.findall(r'\]\(([^)#\s]+)', text) + re.findall(r'src="([^"]+)"', text)
    for link in links:
        assert '://' in link or ((ROOT / page).parent / link).exists(), link

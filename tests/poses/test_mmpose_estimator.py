"""What can be said without mmpose; its models are in tests/pose."""

import pytest

from partkd.poses import MMPose, build_estimator, openmmlab_model, read_estimator


@pytest.fixture
def installed(monkeypatch):
    """As if mmpose were."""
    monkeypatch.setattr(openmmlab_model, 'import_module', lambda name: None)


def test_the_command_line_names_it():
    config = read_estimator('mmpose:config=mmpose::a/b.py,checkpoint=c.pth,device=cuda:1,batch=4')
    expected = dict(config='mmpose::a/b.py', checkpoint='c.pth', device='cuda:1', batch=4)
    assert config == dict(type='mmpose') | expected


@pytest.mark.parametrize('kind', [ImportError, AssertionError])
def test_without_mmpose_the_command_is_said(kind, monkeypatch):
    def import_module(name):
        raise kind(f'no {name}')

    monkeypatch.setattr(openmmlab_model, 'import_module', import_module)
    with pytest.raises(ImportError, match='needs mmpose.*no mmpose.models.*make pose-env'):
        MMPose('a.py', 'a.pth', device='cpu')


@pytest.mark.parametrize(
    ('settings', 'said'),
    [
        (dict(), "'mmpose' cannot be built: .*'config'"),
        (dict(config='a.py', checkpoint='a.pth', batch=0), 'batch=0: it is an integer from 1 on'),
        (dict(config='a.py', checkpoint='a.pth', min_detection=2), 'min_detection=2'),
        (dict(config='a.py', checkpoint='a.pth', detector='b.py'), 'both detector=CONFIG and'),
        (dict(config='a.py', checkpoint='a.pth', detector_checkpoint='b.pth'), 'give both'),
    ],
)
def test_settings_are_checked(settings, said):
    with pytest.raises(ValueError, match=said):
        build_estimator(dict(type='mmpose', **settings))


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        ('model = ', 'cannot be read'),
        ('model = dict(type="TopdownPoseEstimator")', 'no test_dataloader with a pipeline'),
        ('test_dataloader = dict(dataset=dict(pipeline=[1]))', 'has no model'),
    ],
)
def test_what_is_no_config(text, said, installed, tmp_path):
    (tmp_path / 'a.py').write_text(text)
    with pytest.raises(ValueError, match=said):
        MMPose(str(tmp_path / 'a.py'), 'a.pth')


def test_missing_files_are_named(installed, tmp_path):
    with pytest.raises(FileNotFoundError, match='no config lost.py: check the path'):
        MMPose('lost.py', 'a.pth')
    (tmp_path / 'a.py').write_text(
        'model = dict(type="A")\ntest_dataloader = dict(dataset=dict(pipeline=[1]))'
    )
    with pytest.raises(FileNotFoundError, match='no checkpoint .*lost.pth'):
        MMPose(str(tmp_path / 'a.py'), str(tmp_path / 'lost.pth'))

import pytest

from partkd.configuration import (
    DEGRADATIONS,
    add_degradation,
    describe_degradations,
    load_config,
    read_degradation,
)


def test_settings_are_read_as_what_they_are():
    assert read_degradation('joints') == dict(type='JointOcclusion', prob=0.6, scope='clip')
    assert read_degradation('frames:share=0.25,form=block') == dict(
        type='FrameLoss', share=0.25, form='block'
    )
    assert read_degradation('jitter:deviation=1e-3')['deviation'] == 1e-3
    assert read_degradation('part:part=legs') == dict(type='PartLoss', part='legs')


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        ('joint', r"no degradation 'joint': did you mean joints\?; known are joints, frames, "),
        ('frames:0.5', 'write settings as frames:key=value'),
        ('frames:share=0.5,share=0.6', "'frames:share=0.5,share=0.6': .* each once"),
        ('joints:type=FlipSkeleton', 'write settings as joints:key=value'),
        ('frames:shares=0.5', "'frames:shares=0.5' cannot be built: .*shares"),
        ('frames:share={', r"share='\{': it is a number in \[0, 1\]"),
        ('frames:share=!!python/object:os.system', "share='!!python/object"),
        ('frames:share=1e400', 'share=inf: it is a number'),
        pytest.param(f'frames:share={"9" * 5000}', 'it is a number', id='long'),
        pytest.param('x' * 5000, r"no degradation 'x{20,200}\.\.\.", id='long name'),
        ('frames:share=2', r'share=2: it is a number in \[0, 1\]'),
        ('part:part=nose', "part='nose': it is one of 'left_arm'"),
        ('masks', "'masks' cannot be built: .*'file'"),
        ('masks:file=none.pkl', 'no annotation file'),
    ],
)
def test_what_cannot_be_is_named(text, said):
    with pytest.raises(ValueError, match=said):
        read_degradation(text)


def test_its_place_is_ahead_of_what_guesses_and_of_streams(configs):
    cfg = load_config(configs / 'common.py')
    cfg.test_dataloader.dataset.pipeline.insert(3, dict(type='FillMissingJoints'))
    steps = [step['type'] for step in cfg.test_dataloader.dataset.pipeline]
    trained = [step['type'] for step in cfg.train_dataloader.dataset.pipeline]
    add_degradation(cfg, read_degradation('frames'), ('test',))
    place = steps.index('JointOcclusion')
    assert [step['type'] for step in cfg.test_dataloader.dataset.pipeline] == [
        *steps[:place],
        'FrameLoss',
        *steps[place:],
    ]
    assert [step['type'] for step in cfg.train_dataloader.dataset.pipeline] == trained
    cfg.test_dataloader.dataset.pipeline = [dict(type='PackSkeletonInputs')]
    with pytest.raises(ValueError, match='test_dataloader has no JointOcclusion and no Skel'):
        add_degradation(cfg, read_degradation('frames'), ('test',))


def test_help_names_all_of_them():
    text = describe_degradations()
    assert all(f'  {name}:' in text for name in DEGRADATIONS)

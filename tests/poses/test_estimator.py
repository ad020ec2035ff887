import pytest

from partkd.poses import build_estimator, read_estimator


def test_an_estimator_is_a_name_and_its_settings():
    config = read_estimator('square:brightness=90,size=32,file=a.tflite')
    assert config == dict(type='square', brightness=90, size=32, file='a.tflite')
    assert build_estimator(dict(type='square', brightness=90)).brightness == 90
    assert read_estimator('square') == dict(type='square')


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        ('openpose', "no pose estimator 'openpose'; there are blazepose"),
        ('', 'no pose estimator'),
        ('square:90', 'square:key=value'),
        ('square:size=1,size=2', 'each once'),
        ('square:type=blazepose', 'each once'),
    ],
)
def test_what_is_none(text, said):
    with pytest.raises(ValueError, match=said):
        read_estimator(text)


def test_an_argument_that_it_has_not():
    with pytest.raises(ValueError, match="'square' cannot be built: .*'bright'"):
        build_estimator(dict(type='square', bright=1))

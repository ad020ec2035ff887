"""All pictures of a finished recipe, end to end."""

import matplotlib.image
import pytest
from mmaction.registry import VISBACKENDS
from mmengine.visualization import BaseVisBackend
from PIL import Image

from partkd import apis
from partkd.configuration import log_backends
from partkd.visualization import skeleton_film


def test_pictures_of_a_finished_recipe(finished, monkeypatch):
    """Each is a file that the page shows, or the page says why not; others see them too."""
    seen = {}

    class FakeVisBackend(BaseVisBackend):
        experiment = None

        def _init_env(self):
            pass

        def add_image(self, name, image, step=0, **kwargs):
            seen[name] = image.shape

    monkeypatch.setitem(log_backends.BACKENDS, 'fake', ('FakeVisBackend', 'torch'))
    monkeypatch.setitem(VISBACKENDS.module_dict, 'FakeVisBackend', FakeVisBackend)
    monkeypatch.setattr(skeleton_film, 'MOMENTS', 3)
    folder = finished.work_dir / 'pictures'
    folder.mkdir()
    (folder / 'skeletons_lost.gif').write_text('of an earlier call')
    made = apis.pictures(finished.work_dir, log_to=['fake'])
    page = (folder / 'pictures.md').read_text()
    shown, _, left_out = page.partition('## Left out')
    always = {'part matrix', 'accuracy by occlusion', 'confusion matrix', 'part features'}
    assert always <= made.keys() == seen.keys()
    for name, file in made.items():
        height, width, *_ = matplotlib.image.imread(file).shape
        assert seen[name] == (height, width, 3)
        assert f'![{name}]({file.name})' in shown
    for name in {'classes that gained and lost', 'a clip gained', 'a clip lost'} - made.keys():
        assert f'- {name}: no cl' in left_out
    lost = folder / 'skeletons_lost.gif'
    assert lost.is_file() == ('a clip lost' in made)
    assert not lost.is_file() or Image.open(lost).n_frames == 3
    assert 'commit' in page and str(finished.work_dir) not in page


def test_what_is_no_folder_of_a_recipe(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'results\.json: no such file; tools/distill'):
        apis.pictures(tmp_path)

import numpy as np

from partkd.datasets import make_item
from partkd.layouts import get_layout

LAYOUT = get_layout('coco')


def test_item_holds_what_the_transforms_need(make_clip):
    item = make_item(make_clip(img_shape=(240, 320, 3)), LAYOUT, test_mode=True)
    assert item.pop('keypoint').shape == (1, 4, 17, 2)
    np.testing.assert_array_equal(item.pop('keypoint_score'), np.ones((1, 4, 17)))
    assert item == {
        'total_frames': 4,
        'label': 0,
        'frame_dir': 'clip',
        'layout': LAYOUT,
        'test_mode': True,
        'img_shape': (240, 320),
    }


def test_item_is_a_float32_copy(make_clip):
    keypoint = np.ones((1, 4, 17, 2), np.float16)
    item = make_item(make_clip(keypoint=keypoint), LAYOUT, test_mode=False)
    item['keypoint'][:] = 5
    assert item['keypoint'].dtype == item['keypoint_score'].dtype == np.float32
    assert (keypoint == 1).all()


def test_a_clip_without_label_is_taken(make_clip):
    clip = make_clip()
    del clip['label']
    assert 'label' not in make_item(clip, LAYOUT, test_mode=True)


def test_missing_joints_have_neither_score_nor_position(make_clip):
    clip = make_clip(keypoint_score=np.full((1, 4, 17), 0.5))
    clip['keypoint_score'][0, 1, 2] = 0
    clip['keypoint_score'][0, 1, 3] = -0.1
    clip['keypoint'][0, 2, 4] = 0
    item = make_item(clip, LAYOUT, test_mode=False)
    for place in [(0, 1, 2), (0, 1, 3), (0, 2, 4)]:
        assert item['keypoint_score'][place] == 0
        assert not item['keypoint'][place].any()
    assert (item['keypoint_score'] == 0.5).sum() == 4 * 17 - 3


def test_persons_who_are_never_seen_are_left_out(make_clip):
    clip = make_clip(shape=(3, 4, 17, 2))
    clip['keypoint'][0] = 0
    clip['keypoint'][2, 1:] = 0
    item = make_item(clip, LAYOUT, test_mode=False)
    np.testing.assert_array_equal(item['keypoint'], clip['keypoint'][1:])
    assert item['total_frames'] == 4

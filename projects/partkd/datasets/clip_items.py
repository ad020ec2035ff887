"""From one clip of an annotation file to what the transforms work on."""

import numpy as np

from partkd.arguments import require
from partkd.datasets.annotations import check_clip, name_of, visible_joints
from partkd.layouts import PoseLayout
from partkd.messages import shown


def make_item(clip: dict, layout: PoseLayout, test_mode: bool) -> dict:
    """Makes the input of a transform pipeline from one checked clip.

    Arrays are copies in float32. A joint that was not seen has score 0 and zero coordinates;
    persons without any visible joint are left out.

    Args:
        clip (dict): ``keypoint`` (M, T, V, C) in any numeric dtype, ``keypoint_score`` (M, T, V),
            ``frame_dir``, and where the source has them ``img_shape`` (height, width), ``label``.
        layout (PoseLayout): The clip's joints.
        test_mode (bool): True where random transforms must not be random.

    Returns:
        dict: ``keypoint`` (M, T, V, C) float32, ``keypoint_score`` (M, T, V) float32,
        ``total_frames``, ``frame_dir``, ``layout``, ``test_mode``, and ``label`` and
        ``img_shape`` where the clip has them.
    """
    visible = visible_joints(clip)
    real = visible.any(axis=(1, 2))
    visible = visible[real]
    score = clip.get('keypoint_score')
    item = {
        'keypoint': np.where(visible[..., None], clip['keypoint'][real], 0).astype(np.float32),
        'keypoint_score': (
            visible.astype(np.float32)
            if score is None
            else np.where(visible, score[real], 0).astype(np.float32)
        ),
        'total_frames': visible.shape[1],
        'frame_dir': clip['frame_dir'],
        'layout': layout,
        'test_mode': test_mode,
    }
    if clip.get('label') is not None:
        item['label'] = int(clip['label'])
    if clip.get('img_shape') is not None:
        item['img_shape'] = tuple(int(side) for side in clip['img_shape'][:2])
    return item


def item_to_classify(clip: dict, layout: PoseLayout) -> dict:
    """Makes the input of a test pipeline from a clip of which nothing is known yet.

    Args:
        clip (dict): As :func:`make_item` takes it; no label is needed.
        layout (PoseLayout): The clip's joints.

    Returns:
        dict: See :func:`make_item`.

    Raises:
        ValueError: Where it is no clip that a data set would take, or shows nobody.
    """
    require(clip, dict, 'clip')
    fault = check_clip(clip, layout, require_labels=False)
    if fault is not None:
        raise ValueError(f'the clip {shown(name_of(clip))} cannot be classified: {fault}')
    return make_item(clip, layout, test_mode=True)

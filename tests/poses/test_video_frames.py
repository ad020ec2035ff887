import numpy as np
import pytest

from partkd.poses import open_video

from .conftest import HEIGHT, RATE, WIDTH, middle

# Of a track's header: nothing is turned; a quarter to the right.
AS_IT_IS = bytes.fromhex('00010000' + '00' * 12 + '00010000' + '00' * 12 + '40000000')
TURNED = bytes.fromhex('00000000 00010000 00000000 ffff0000' + '00' * 16 + '40000000')


def test_frames_are_whole_and_in_colour(draw):
    video = open_video(draw('a.mp4'))
    assert (video.height, video.width, video.rate) == (HEIGHT, WIDTH, RATE)
    assert video.scale == (1, 1)
    frames = list(video.frames)
    assert len(frames) == 6
    assert all(frame.shape == (HEIGHT, WIDTH, 3) and frame.dtype == np.uint8 for frame in frames)
    for number, frame in enumerate(frames):
        rows, columns = np.nonzero(frame[..., 0] > 128)
        assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx(middle(number), abs=0.5)


@pytest.mark.parametrize(
    ('size', 'shape'), [(32, (24, 32)), (20, (15, 20)), (500, (HEIGHT, WIDTH))]
)
def test_frames_are_shrunk_by_their_longer_side(size, shape, draw):
    video = open_video(draw('a.mp4'), size)
    assert (video.height, video.width) == (HEIGHT, WIDTH)
    assert {frame.shape[:2] for frame in video.frames} == {shape}
    assert video.scale == (WIDTH / shape[1], HEIGHT / shape[0])


def test_a_video_that_was_held_upright_is_turned(draw):
    file = draw('a.mp4')
    content = file.read_bytes()
    assert content.count(AS_IT_IS) == 2  # of the film, and of its one track
    before, after = content.rsplit(AS_IT_IS, 1)
    file.write_bytes(before + TURNED + after)
    video = open_video(file)
    assert (video.height, video.width) == (WIDTH, HEIGHT)
    assert next(video.frames).shape == (WIDTH, HEIGHT, 3)


@pytest.mark.parametrize('content', [b'', b'no video', None])
def test_what_is_no_video(content, tmp_path, draw):
    file = draw('a.mp4')
    file.write_bytes(file.read_bytes()[:200] if content is None else content)
    with pytest.raises(ValueError, match='no frame of it can be read'):
        open_video(file)

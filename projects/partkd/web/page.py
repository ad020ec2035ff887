"""The page itself, by Gradio."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType
from typing import Any

from partkd.inference import ClipReader
from partkd.layouts import PART_NAMES
from partkd.visualization import draw_answers, film_skeletons

from .contender import Answer, Contender, hide

FORGET_AFTER = 600  # seconds


def require_gradio() -> ModuleType:
    """Gradio, which the core environment does not have.

    Returns:
        ModuleType: The package.

    Raises:
        ImportError: If it is not installed.
    """
    try:
        return import_module('gradio')
    except ImportError as error:
        raise ImportError(f'the page needs Gradio ({error}): pip install "partkd[web]"') from error


def build_page(contenders: Sequence[Contender], estimator: Mapping[str, Any] | None = None) -> Any:
    """A page that shows what models say of a clip.

    Args:
        contenders (Sequence[Contender]): The models side by side; the last one reads uploads, and
            with it all that read the same joints.
        estimator (Mapping[str, Any], optional): What finds the joints in uploaded videos. Defaults
            to None, videos are refused.

    Returns:
        gradio.Blocks: To be launched.

    Raises:
        ImportError: If Gradio is not installed.
    """
    gradio = require_gradio()
    show = _Show(contenders, ClipReader(contenders[-1].model.layout, estimator))
    names = list(contenders[-1].clips)
    with gradio.Blocks(
        title='PartKD', analytics_enabled=False, delete_cache=(FORGET_AFTER, FORGET_AFTER)
    ) as page:
        gradio.Markdown('# PartKD\nWhat do models recognise when joints are hidden from them?')
        with gradio.Row():
            with gradio.Column(scale=1, min_width=260):
                clip = gradio.Dropdown(
                    names, value=names[0] if names else None, label='Clip', elem_id='clip'
                )
                upload = gradio.File(label='or a file of your own', type='filepath')
                parts = gradio.CheckboxGroup(
                    [name.replace('_', ' ') for name in PART_NAMES],
                    label='Parts that are hidden',
                    elem_id='parts',
                )
                share = gradio.Slider(
                    0, 1, 0, step=0.1, label='Share of joints hidden', elem_id='share'
                )
            with gradio.Column(scale=2):
                said = gradio.Markdown(elem_id='said')
                film = gradio.Image(type='filepath', show_label=False, elem_id='film')
                answers = gradio.Image(type='filepath', show_label=False, elem_id='answers')
        chosen = gradio.State(None)
        inputs, outputs = [clip, chosen, parts, share], [said, film, answers]
        for event in (clip.change, parts.change, share.release, page.load):
            event(show, inputs, outputs)
        upload.upload(show.read, upload, chosen).success(show, inputs, outputs)
        upload.clear(lambda: None, None, chosen).success(show, inputs, outputs)
    return page


class _Show:
    """Answers what the page asks.

    Args:
        contenders (Sequence[Contender]): The models.
        reader (ClipReader): Of uploads.
    """

    def __init__(self, contenders: Sequence[Contender], reader: ClipReader) -> None:
        self.contenders = contenders
        self.reader = reader

    def read(self, file: str) -> dict:
        """The first clip of an upload, which is deleted at once."""
        gradio = require_gradio()
        try:
            clip = next(iter(self.reader.read(file)), None)
            if clip is None:
                raise ValueError('there is no clip in it')
            self.contenders[-1].answer(clip)
            return clip
        except (OSError, ValueError) as error:
            raise gradio.Error(str(error).replace(file, Path(file).name)) from error
        finally:
            Path(file).unlink(missing_ok=True)

    def __call__(
        self, name: str | None, uploaded: dict | None, parts: Sequence[str], share: float
    ) -> tuple[str, str | None, str | None]:
        """What is said in a line, a film of what is seen, and a picture of what is said."""
        hidden = [name.replace('_', ' ') in parts for name in PART_NAMES]
        columns, answers = [], []
        for one in self.contenders:
            clip = uploaded or one.clips.get(name or '')
            layout = one.model.layout
            if clip is None or clip['keypoint'].shape[2] != layout.num_joints:
                continue
            if one.is_hidden_from:
                joints = [part for part, is_it in zip(layout.parts, hidden, strict=True) if is_it]
                clip = hide(clip, sum(joints, ()), share)
            answers.append((one, one.answer(clip)))
            columns.append((one.name, clip['keypoint'], layout))
        if not answers:
            return 'Choose a clip, or give a file.', None, None
        folder = Path(mkdtemp(dir=require_gradio().utils.get_upload_folder() or None))
        film, picture = folder / 'film.gif', folder / 'answers.png'
        film_skeletons(_distinct(columns), film)
        draw_answers([(one.name, *_drawn(one, answer)) for one, answer in answers], picture)
        label = (uploaded or self.contenders[-1].clips.get(name or '', {})).get('label')
        return _in_words(answers, label), str(film), str(picture)


def _in_words(answers: Sequence[tuple[Contender, Answer | None]], label: Any) -> str:
    model = answers[-1][0].model
    is_known = label is not None and 0 <= label < model.num_classes
    lines = [f'It is **{model.name_of(label)}**.'] if is_known else []
    for one, answer in answers:
        if answer is None:
            lines.append(f'*{one.name}* sees **nobody**.')
        else:
            scores = answer.scores[-1]
            first = int(scores.argmax())
            lines.append(f'*{one.name}* says **{one.model.name_of(first)}** ({scores[first]:.0%}).')
    return ' '.join(lines)


def _drawn(one: Contender, answer: Answer | None) -> tuple[Any, Any, list[str]]:
    names = [one.model.name_of(label) for label in range(one.model.num_classes)]
    return (None, None, names) if answer is None else (answer.frames, answer.scores, names)


def _distinct(columns: list) -> list:
    """Models that see the same share a column."""
    kept: list = []
    for title, keypoint, layout in columns:
        if kept and kept[-1][2] == layout and (kept[-1][1] == keypoint).all():
            kept[-1] = (f'{kept[-1][0]}, {title}', keypoint, layout)
        else:
            kept.append((title, keypoint, layout))
    return kept

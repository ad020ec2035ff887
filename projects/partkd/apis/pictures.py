"""All pictures of a finished recipe."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.visualization import Visualizer
from PIL import Image

from partkd.configuration import log_to_backends
from partkd.engine.distributed import require_one_process
from partkd.evaluation import TEACHER, environment, in_words
from partkd.experiments import Finished, Picture, Pictures, chain_logger
from partkd.files import require_place, write_atomically

FOLDER = 'pictures'


def pictures(
    work_dir: str | Path,
    student: str | None = None,
    condition: str | None = None,
    log_to: Sequence[str] = (),
) -> dict[str, Path]:
    """Draw what a finished :func:`distill` has to show.

    The pictures and ``pictures.md``, which says what is to be seen, go to ``pictures`` in
    `work_dir`, and to what the config's visualizer writes to beside files. What the folder has not
    enough for is left out, and the page says why.

    Args:
        work_dir (str | Path): The folder of :func:`distill`.
        student (str, optional): The student to show. Defaults to None: of those with a teacher the
            one with the best mean accuracy under the condition.
        condition (str, optional): Name of the condition. Defaults to None, the first.
        log_to (Sequence[str]): Where pictures go beside files, of ``'tensorboard'`` and
            ``'wandb'``. Defaults to (), where the config says.

    Returns:
        dict[str, Path]: The PNG of each picture, by what it shows.

    Raises:
        FileNotFoundError: If the folder has no ``results.json``.
        ImportError: If what it is to log to is not installed.
        ValueError: If it is no folder of :func:`distill`, has nothing trained yet, or no such
            student or condition.
    """
    require_one_process('Start one')
    finished = Finished(work_dir)
    folder = Path(work_dir, FOLDER)
    gallery = Pictures(finished, folder, student, condition)
    run = finished.run(gallery.student, gallery.condition, gallery.seed)
    visualizer = _visualizer(finished.config(run), log_to, folder)
    require_place(folder / f'{FOLDER}.md')
    made: list[Picture] = []
    with chain_logger(FOLDER, folder) as logger:
        for picture in gallery.draw():
            made.append(picture)
            files = ', '.join(picture.files)
            logger.info(f'{picture.name}: {files or f"left out: {picture.text}"}')
        page = _page(gallery, made)
        write_atomically(folder / f'{FOLDER}.md', page)
        logger.info(f'{folder / FOLDER}.md says what is to be seen')
    there = {picture.name: folder / picture.files[0] for picture in made if picture.files}
    if visualizer is not None:
        for name, file in there.items():
            visualizer.add_image(name, np.asarray(Image.open(file).convert('RGB')))
        visualizer.close()
    return there


def _visualizer(cfg: Config, log_to: Sequence[str], folder: Path) -> Visualizer | None:
    """The config's own, but for what would write the files a second time."""
    log_to_backends(cfg, log_to)
    backends = (cfg.get('visualizer') or {}).get('vis_backends') or []
    others = [one for one in backends if one['type'] != 'LocalVisBackend']
    with DefaultScope.overwrite_default_scope('mmaction'):
        return Visualizer(vis_backends=others, save_dir=str(folder)) if others else None


def _page(gallery: Pictures, made: Sequence[Picture]) -> str:
    title = gallery.results.title
    parts = [
        f'# Pictures: {title}',
        f'*{gallery.student}* beside *{gallery.baseline}* and the {TEACHER}, {gallery.condition}, '
        f'seed {gallery.seed} where nothing else is said.',
    ]
    for picture in made:
        if picture.files:
            parts += [f'## {picture.name.capitalize()}', picture.text]
            parts += [f'![{picture.name}]({file})' for file in picture.files]
    parts += gallery.notes
    left_out = [picture for picture in made if not picture.files]
    if left_out:
        reasons = '\n'.join(f'- {picture.name}: {picture.text}.' for picture in left_out)
        parts += ['## Left out', reasons]
    return '\n\n'.join([*parts, f'Drawn with {in_words(environment())}.\n'])

"""What is to be seen of chains at work: a log, the records, the report."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from mmengine.logging import MMLogger

from partkd.engine.runner import close_logger, console_handlers, is_news
from partkd.evaluation import METRIC, Results, Run, describe_files, report
from partkd.files import make_folder, require_place, write_atomically


@contextmanager
def chain_logger(name: str, work_dir: Path) -> Iterator[logging.Logger]:
    """A logger of what chains do, which leaves nothing behind in the process.

    Args:
        name (str): Name of the command, and of its log file in the work directory.
        work_dir (Path): The work directory, which is made.

    Yields:
        logging.Logger: It writes to the file and to the console.
    """
    make_folder(work_dir)
    key = f'{name} {work_dir.resolve()}'
    logger = MMLogger.get_instance(key, log_file=str(work_dir / f'{name}.log'), file_mode='a')
    for handler in console_handlers(logger):
        handler.addFilter(is_news)
    try:
        yield logger
    finally:
        MMLogger._instance_dict.pop(key, None)
        close_logger(logger)


class Progress:
    """Logs the steps and rewrites the report after every run. An :class:`Observer` of chains.

    Args:
        results (Results): The records, which it adds to.
        stem (Path): Path of the report and of the records, without ``.md`` and ``.json``.
        num_steps (int): Steps of all chains.
        logger (logging.Logger): Shows and keeps one line for each start and end of a step.

    Raises:
        OSError: If report and records cannot be written, naming them.
    """

    def __init__(
        self, results: Results, stem: Path, num_steps: int, logger: logging.Logger
    ) -> None:
        self.results = results
        self.stem = stem
        for suffix in ('.json', '.md'):
            require_place(stem.with_suffix(suffix))
        self.num_steps = num_steps
        self.num_done = 0
        self._counted: set[Path] = set()
        self._num_made = 0
        self._start = time.monotonic()
        self.logger = logger

    def starting(self, name: str, folder: Path, going_on: bool) -> None:
        """See :class:`Observer`."""
        verb = 'going on' if going_on else 'starting'
        count = f'[{self.num_done + 1}/{self.num_steps}]'
        self.logger.info(f'{count} {name}: {verb} (log in {folder})')

    def done(self, name: str, folder: Path, record: dict, before: bool) -> None:
        """See :class:`Observer`."""
        self.num_done += 1
        top1, seconds = record.get('metrics', {}).get(METRIC), record['seconds']
        figure = '' if top1 is None else f', top-1 {100 * top1:.1f}'
        when = 'already done' if before else 'done'
        count = f'[{self.num_done}/{self.num_steps}]'
        self.logger.info(f'{count} {name}: {when} in {seconds:.0f} s{figure}{self._eta(before)}')
        # a teacher that several seeds share was trained once
        if folder not in self._counted:
            self._counted.add(folder)
            self.results.seconds += seconds

    def _eta(self, before: bool) -> str:
        """When all steps will be done, if those to come take as long as those of this call did."""
        remaining = self.num_steps - self.num_done
        if before or not remaining:
            return ''
        self._num_made += 1
        seconds = (time.monotonic() - self._start) / self._num_made * remaining
        return f', all in about {timedelta(seconds=round(seconds))}'

    def tested(self, run: Run, clips: list[str] | None) -> None:
        """See :class:`Observer`."""
        self.results.add(run, clips)
        self.results.save(self.stem.with_suffix('.json'))
        write_atomically(self.stem.with_suffix('.md'), self.page())

    def page(self) -> str:
        """The report, and where its models are.

        Returns:
            str: Markdown.
        """
        files = describe_files(self.results, self.stem.parent)
        return '\n'.join(filter(None, [report(self.results), files]))

    def failed(self, name: str, error: Exception) -> None:
        """See :class:`Observer`; stops all."""
        raise error

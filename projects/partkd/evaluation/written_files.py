"""Where the models of a report are, and what to do with them."""

import shlex
from pathlib import Path

from .markdown import table
from .results import Results, Run


def describe_files(results: Results, folder: str | Path) -> str:
    """Config and checkpoint of each model, and the commands that take them.

    Args:
        results (Results): The records.
        folder (str | Path): The work directory, from which the paths of runs are counted. Of an
            absolute path nothing is told, for a report may be shared.

    Returns:
        str: Markdown; empty where trainings left out clips in turn, whose models nobody deploys.
    """
    runs = [run for run in results.runs if run.files]
    if results.folds or not runs:
        return ''
    seed = runs[0].seed
    shown = [run for run in runs if run.seed == seed]
    rows = [
        [run.model, run.condition or '', *(f'`{file}`' for file in run.files.values())]
        for run in shown
    ]
    others = f' Those of other seeds lie beside `seed_{seed}`.' if len(results.seeds) > 1 else ''
    root = Path('WORK_DIR' if Path(folder).is_absolute() else folder)
    parts = [
        f'Files below `{root}`, the folder of this report, of seed {seed}.{others}',
        table(['', '', *shown[0].files], rows),
        f'To test, share and deploy *{shown[-1].model}*:',
        f'```bash\n{_commands(shown[-1], root)}\n```',
    ]
    return '\n\n'.join(parts) + '\n'


def _commands(run: Run, folder: Path) -> str:
    config, checkpoint = (
        shlex.quote(str(folder / run.files[key])) for key in ('config', 'checkpoint')
    )
    return '\n'.join(
        f'python tools/{tool} {config} {checkpoint}{out}'
        for tool, out in (
            ('test.py', ''),
            ('publish.py', ' student.pth'),
            ('export.py', ' student.onnx'),
        )
    )

"""Every command of the README runs. CI runs the two `make` commands and builds the package."""

import re
from pathlib import Path

from partkd.experiments.grid import read_grid

ROOT = Path(__file__).resolve().parents[2]
INSTALL = 'pip install -e ".[export]"'
ELSEWHERE = {'make demo', 'make test', INSTALL}
SMALLER = {
    'tools/data/make_synthetic.py': ' --num-subjects 2 --repeats 2',
    'tools/distill.py': ' --conditions "OP 0"',
    'tools/sweep.py': ' --students student --conditions "OP 0"',
}


def commands(page: str = 'README.md') -> list[str]:
    blocks = re.findall(r'```bash\n(.*?)```', (ROOT / page).read_text(), re.S)
    return [line for block in blocks for line in block.splitlines() if line]


def test_commands_run_in_their_order(checkout, run_command):
    to_run = [command for command in commands() if command not in ELSEWHERE]
    assert len(to_run) >= 8
    for command in to_run:
        command = command.replace('epoch_24', 'epoch_1').replace('--seeds 5', '--seeds 1')
        for tool, options in SMALLER.items():
            command += options if tool in command else ''
        run_command(command)
    made = {path.relative_to(checkout).as_posix() for path in checkout.glob('work_dirs/**/*.p*')}
    assert {'work_dirs/demo/part_matrix.png', 'work_dirs/demo/epoch_1.pth'} <= made
    assert any(re.fullmatch(r'work_dirs/demo/student-\w{8}\.pth', file) for file in made)
    assert (checkout / 'work_dirs/demo/student.onnx').is_file()
    report = (checkout / 'work_dirs/demo/results.md').read_text()
    assert 'student with distillation (PMSC)' in report
    assert 'Not complete' not in report
    # the sweep took up what the recipe had trained
    sweep = (checkout / 'work_dirs/demo/sweep.md').read_text()
    assert '| student |' in sweep and 'Not complete' not in sweep
    assert (checkout / 'work_dirs/demo/sweep.log').read_text().count('already done') == 2


def test_the_grid_of_the_docs_is_one(tmp_path):
    (block,) = re.findall(r'```yaml\n(.*?)```', (ROOT / 'docs' / 'sweep.md').read_text(), re.S)
    (tmp_path / 'grid.yml').write_text(block)
    students = read_grid(tmp_path / 'grid.yml')
    assert len(students) == 9 and 'loss_weight=1, contrast=batch' in students


def test_ci_runs_the_others():
    ci = (ROOT / '.ci' / 'run').read_text()
    makefile = (ROOT / 'Makefile').read_text()
    for command in ('make demo', 'make test'):
        assert command in commands()
        assert command in ci
    assert INSTALL in commands()
    assert '--editable .' in makefile


def test_links_lead_somewhere():
    pages = [ROOT / 'README.md', *(ROOT / 'docs').rglob('*.md')]
    for page in pages:
        for link in re.findall(r'\]\(([^)]+)\)', page.read_text()):
            if '://' not in link:
                file, _, heading = link.strip().partition('#')
                target = page.parent / file if file else page
                assert target.exists(), f'{page.name}: {link}'
                if heading:
                    titles = re.findall(r'^#+ (.+)$', target.read_text(), re.M)
                    anchors = [re.sub(r'[^\w -]', '', t.lower()).replace(' ', '-') for t in titles]
                    assert heading in anchors, f'{page.name}: {link}'


def test_configs_named_in_the_docs_are_there():
    names = {file.name for file in (ROOT / 'configs' / 'partkd').glob('*.py')}
    text = (ROOT / 'README.md').read_text()
    for name in re.findall(r'`((?:demo|stgcn)[\w{},]*\.py)`', text):
        parts = [part.split(',') for part in re.findall(r'\{([^}]*)\}', name)]
        pattern = re.sub(r'\{[^}]*\}', '{}', name)
        first, second = parts or ([''], [''])
        for one in first:
            for two in second:
                assert pattern.format(one, two) in names


def test_figures_are_those_of_the_report():
    """The README's result table stands in docs/reports, and nothing is left to fill in."""
    readme = (ROOT / 'README.md').read_text()
    report = ''.join(page.read_text() for page in (ROOT / 'docs' / 'reports').glob('*.md'))
    section = readme.split('## Results\n')[1].split('\n## ')[0]
    rows = [line for line in section.splitlines() if line.startswith('|')]
    assert len(rows) > 5
    assert all(row in report for row in rows)
    assert not re.search(r'\b[A-Z]+_[A-Z]+\b', readme)
    assert 'Not complete' not in report


def test_the_project_page_has_no_other_commands():
    page = commands('projects/partkd/README.md')
    assert page
    assert set(page) <= set(commands())

"""The commands of docs/pictures.md draw what it says."""

import re
import shutil
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'pictures.md'
STUDENT = '"student with distillation (PMSC)"'


def test_the_commands_draw_what_the_page_names(checkout, run_command, reference):
    """Of a recipe that the tests have trained anyway."""
    text = PAGE.read_text()
    (block,) = re.findall(r'```bash\n(.*?)```', text, re.S)
    folder = checkout / 'work_dirs' / 'demo'
    folder.parent.mkdir()
    shutil.copytree(reference.work_dir, folder)
    first, second = block.splitlines()
    assert STUDENT in second
    for command in (first, second.replace(STUDENT, 'PMSC')):
        run_command(command)
        page = (folder / 'pictures' / 'pictures.md').read_text()
        named = set(re.findall(r'`(\w+\.png)`', text))
        shown = set(re.findall(r'\((\w+\.png)\)', page))
        assert shown <= named and len(named) == len(shown) + page.count('\n- ')
    assert 'OP .6, seed 0' in page

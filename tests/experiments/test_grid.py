import json

import pytest

from partkd.experiments.grid import read_grid


@pytest.fixture
def grid(tmp_path):
    """Function that reads a grid from a text."""

    def read(text, name='grid.yml'):
        (tmp_path / name).write_text(text)
        return read_grid(tmp_path / name)

    return read


def test_students_are_the_recipes_and_a_product_is_every_combination(grid):
    found = grid("""
        students:
          KL: {losses: [{type: KLLoss}]}
          control: {config: control.py}
        product:
          model.losses.0.loss_weight: [1, 10]
          model.teacher.contrast: [batch, bank]
    """)
    assert list(found) == [
        'KL',
        'control',
        'loss_weight=1, contrast=batch',
        'loss_weight=1, contrast=bank',
        'loss_weight=10, contrast=batch',
        'loss_weight=10, contrast=bank',
    ]
    assert found['KL'] == dict(losses=[dict(type='KLLoss')])
    assert found['loss_weight=10, contrast=batch'] == dict(
        options={'model.losses.0.loss_weight': 10, 'model.teacher.contrast': 'batch'}
    )


def test_names_are_as_long_as_they_must_be(grid):
    found = grid('product: {a.x.lr: [1], b.x.lr: [2], b.y.decay: [3]}')
    assert list(found) == ['a.x.lr=1, b.x.lr=2, b.y.decay=3']


def test_json_is_read_too(grid):
    assert list(grid(json.dumps(dict(product={'a.b': [0.5]})), 'grid.json')) == ['b=0.5']


@pytest.mark.parametrize('text', [json.dumps([1e-5, 1e22, -2.5e-7]), '[1e-05, 1E+22, -2.5e-7]'])
def test_numbers_with_exponents_are_numbers(grid, text):
    students = grid(f'{{"product": {{"a.b": {text}}}}}')
    values = [student['options']['a.b'] for student in students.values()]
    assert values == [1e-5, 1e22, -2.5e-7]


def test_an_anchor_may_be_merged(grid):
    students = grid('students: {a: &a {losses: []}, b: {<<: *a, options: {x: 1}}}')
    assert students['b'] == dict(losses=[], options=dict(x=1))


def test_nothing_is_executed(grid, tmp_path):
    with pytest.raises(ValueError, match='cannot be read as YAML or JSON'):
        grid(f'students: !!python/object/apply:os.mkdir [{tmp_path}/made]')
    assert not (tmp_path / 'made').exists()


@pytest.mark.parametrize(
    ('text', 'error'),
    [
        ('', 'is no grid'),
        ('[1]', 'is no grid'),
        ('variants: {}', 'is no grid'),
        ('students: [a]', 'students of .* is a list'),
        ('product: {a: 1}', r"no list of values for \['a'\]"),
        ('product: {a: []}', r"no list of values for \['a'\]"),
        ('students: {300: {}}', 'names a student 300: quote it'),
        ('students: {a: KL}', "student 'a'='KL': it is a dict with losses"),
        ('product: {a: [1, "1"]}', "gives 'a=1' twice"),
        ('students: {a: {}, b: {}, a: {}}', 'a stands there twice'),
        ('{students: {a=1: {}}, product: {a: [1]}}', "product gives a student 'a=1'"),
    ],
)
def test_a_bad_grid_is_named(grid, text, error):
    with pytest.raises(ValueError, match=error):
        grid(text)


def test_a_missing_grid_is_named():
    with pytest.raises(FileNotFoundError, match=r'no grid nowhere\.yml'):
        read_grid('nowhere.yml')

import pytest

from partkd.evaluation import Results, Run, merged_report, together


def recipe(title: str, right: dict[str, tuple[int, int]], seeds: tuple[int, ...] = (0, 1)):
    """Four clips of each person; by person, how many are right by the plain student and by ours."""
    results = Results(title, 'x.py', list(seeds), ['plain', 'ours'], {'OP 0': {}}, 8)
    for seed in seeds:
        for fold, numbers in right.items():
            for model, number in zip(results.students, numbers, strict=True):
                clips, metrics = dict(train=9, test=4), {'acc/top1': number / 4}
                run = Run(seed, model, 'OP 0', metrics, clips, 1, 1.0, fold=fold)
                run.correct = '1' * number + '0' * (4 - number)
                results.add(run, [f'{title}_{fold}_{clip}' for clip in range(4)])
    results.folds = list(right)
    return results


def test_everybody_counts_once():
    one = recipe('one', {'1': (1, 3), '2': (2, 2)})
    other = recipe('other', {'1': (0, 1)}, seeds=(0, 1, 2))
    both = together([one, other])
    assert both.folds == ['A 1', 'A 2', 'B 1']
    assert both.by_seed('plain', 'OP 0') == {0: 3 / 12, 1: 3 / 12}
    assert both.by_seed('ours', 'OP 0') == {0: 6 / 12, 1: 6 / 12}
    assert len(both.outcomes('ours', 'OP 0').clips) == 12
    page = merged_report([one, other], all_together=True)
    assert '## All 3 of A, B together' in page
    assert '| ours | +50.0 | +0.0 | +25.0 |' in page
    assert 'B is *other*.' in page


@pytest.mark.parametrize(
    ('change', 'error'),
    [
        (dict(folds=[]), "'other' left nobody out"),
        (dict(students=['plain', 'theirs']), 'other students or conditions'),
        (dict(conditions={'OP 6': {}}), 'other students or conditions'),
        (dict(seeds=[7]), 'no seed in common'),
    ],
)
def test_what_is_not_alike_is_refused(change, error):
    one, other = recipe('one', {'1': (1, 3), '2': (2, 2)}), recipe('other', {'1': (0, 1)})
    for name, value in change.items():
        setattr(other, name, value)
    with pytest.raises(ValueError, match=error):
        together([one, other])


def test_one_alone_is_refused():
    with pytest.raises(ValueError, match='one report alone'):
        together([recipe('one', {'1': (1, 3), '2': (2, 2)})])

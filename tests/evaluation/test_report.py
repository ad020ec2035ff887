import pytest

from partkd.evaluation import Results, Run, merged_report, report

ENVIRONMENT = dict(python='3.11', torch='2', device='a processor', threads=1, commit='abc')


def run(seed, model, top1, condition=None, **kwargs):
    return Run(
        seed=seed,
        model=model,
        condition=condition,
        metrics={'acc/top1': top1},
        clips=dict(train=40, test=20),
        epochs=6,
        seconds=kwargs.pop('seconds', 60.0),
        environment=ENVIRONMENT,
        **kwargs,
    )


@pytest.fixture
def results():
    """Two seeds at OP 0 by hand; OP .6 has the baseline of one seed only."""
    runs = [
        run(0, 'teacher', 0.90),
        run(1, 'teacher', 0.94),
        run(0, 'plain', 0.70, 'OP 0'),
        run(1, 'plain', 0.80, 'OP 0'),
        run(0, 'PMSC', 0.75, 'OP 0'),
        run(1, 'PMSC', 0.83, 'OP 0', seconds=30.0, resumed=True),
        run(0, 'plain', 0.505, 'OP .6', seconds=120.0),
    ]
    return Results(
        title='Kinect to COCO',
        config='configs/x.py',
        seeds=[0, 1],
        students=['plain', 'PMSC'],
        conditions={'OP 0': dict(prob=0.0), 'OP .6': dict(prob=0.6, scope='clip')},
        planned=10,
        runs=runs,
        seconds=7200.0,
    )


def table_rows(text):
    """Cells of all table rows by the first cell, in order of appearance."""
    rows = {}
    for line in text.splitlines():
        if line.startswith('|'):
            name, *cells = [cell.strip() for cell in line.strip('|').split('|')]
            rows.setdefault(name, []).append(cells)
    return rows


def test_figures_differences_and_shares_by_hand(results):
    rows = table_rows(report(results))
    # .90 and .94: mean .92, deviation .04 / sqrt 2
    assert rows['teacher'] == [['92.0 ± 2.8 (2)', '92.0 ± 2.8 (2)']]
    assert rows['plain'] == [['75.0 ± 7.1 (2)', '50.5 (1)']]
    # gains .05 and .03: mean .04, deviation .02 / sqrt 2; gaps .20 and .14: .08 / .34
    assert rows['PMSC'] == [['79.0 ± 5.7 (2)', '–'], ['+4.0 ± 1.4 (2)', '–'], ['24 %', '–']]


def test_a_teacher_no_better_than_the_baseline_leaves_no_gap(results):
    for one in results.runs[:2]:
        one.metrics['acc/top1'] = 0.75
    assert table_rows(report(results))['PMSC'][2] == ['no gap', '–']


def know_clips(results, fold=None, size=20):
    """Gives every run outcomes that agree with its figure."""
    for one in list(results.runs):
        right = round(size * one.metrics['acc/top1'])
        one.correct = '1' * right + '0' * (size - right)
        results.runs.remove(one)
        results.add(one, [f'{fold or "clip"}_{number:03}' for number in range(size)])


def test_intervals_where_single_clips_are_known(results):
    rows = table_rows(report(results))
    assert not any('[' in figure for cells in rows['PMSC'] for figure in cells)
    know_clips(results, size=400)
    rows = table_rows(report(results))
    assert rows['PMSC'][1][0].startswith('+4.0 ± 1.4 (2) [+')
    low, high = (float(end) for end in rows['PMSC'][1][0].split('[')[1].strip(']').split(','))
    assert 0 < low < 4 < high < 8
    low, high = (float(end) for end in rows['PMSC'][2][0].split('[')[1].strip(']').split(','))
    assert 0 < low < 24 < high
    assert rows['PMSC'][1][1] == '–'
    assert report(results) == report(results)
    assert 'over seeds and clips' in report(results)
    results.seeds = [0]
    assert 'over clips, not seeds' in report(results)


def test_a_run_that_lost_its_outcomes_is_not_known(results):
    know_clips(results)
    assert results.outcomes('PMSC', 'OP 0') is not None
    results.complete('PMSC', 'OP 0')[1][0].correct = None
    assert results.outcomes('PMSC', 'OP 0') is None
    assert '[' not in table_rows(report(results))['PMSC'][1][0]


def test_every_student_against_every_other(results):
    assert 'number of the column' not in report(results)
    results.students = ['plain', 'PMSC', 'KL']
    results.runs += [run(0, 'KL', 0.70, 'OP 0'), run(1, 'KL', 0.80, 'OP 0')]
    know_clips(results, size=100)
    rows = table_rows(report(results))
    assert rows['KL'][1][0] == '+0.0 ± 0.0 (2) [+0.0, +0.0]'
    assert rows['1. PMSC'] == [[''], ['']]
    ((against_pmsc,), (later,)) = rows['2. KL']
    assert against_pmsc.startswith('-4.0 [-') and later == '–'


def test_students_tested_on_other_clips_are_named(results):
    know_clips(results)
    odd = [one for one in results.runs if one.model == 'PMSC']
    for one in odd:
        results.runs.remove(one)
        results.add(one, [f'other_{number:03}' for number in range(20)])
    with pytest.raises(ValueError, match="'PMSC' and 'plain' .* 40, such as clip_000"):
        report(results)
    odd[0].tested = 'unknown'
    with pytest.raises(ValueError, match='PMSC was not tested on the same clips under all'):
        results.outcomes('PMSC', 'OP 0')


def test_a_teacher_tested_on_other_clips_has_no_interval(results):
    know_clips(results)
    for one in [one for one in results.runs if one.model == 'teacher']:
        results.runs.remove(one)
        results.add(one, [f'other_{number:03}' for number in range(20)])
    assert table_rows(report(results))['PMSC'][2] == ['24 %', '–']


def test_folds_are_one_larger_test_set(results):
    """Micro average: every clip counts once; a seed with a fold missing does not count."""
    results.folds = ['a', 'b']
    figures = {('a', 0): (0.5, 20), ('b', 0): (1.0, 60), ('a', 1): (0.9, 20)}
    results.runs = []
    for (fold, seed), (top1, size) in figures.items():
        one = run(seed, 'plain', top1, 'OP 0', fold=fold)
        one.clips['test'] = size
        one.correct = '1' * round(top1 * size) + '0' * round(size - top1 * size)
        results.add(one, [f'{fold}_{number:03}' for number in range(size)])
    assert results.by_seed('plain', 'OP 0') == {0: pytest.approx(70 / 80)}
    outcomes = results.outcomes('plain', 'OP 0')
    assert len(outcomes.clips) == len(set(outcomes.clips)) == 80
    assert outcomes.correct.keys() == {0} and outcomes.correct[0].mean() == 70 / 80
    results.runs[1].clips['train'] = 41
    assert '40 to 41 clips in training, 80 in test (one is 1.2 points)' in report(results)


def test_folds_are_drawn_whole_and_shown_one_by_one(results):
    """What all of one person's clips give and none of the other's is not certain."""
    results.conditions, results.folds, results.runs = {'OP 0': {}}, ['1', '7'], []
    for model, of_first in (('plain', 0.5), ('PMSC', 1.0)):
        for seed in (0, 1):
            for fold, top1 in (('1', of_first), ('7', 0.25)):
                one = run(seed, model, top1, 'OP 0', fold=fold)
                one.correct = '1' * round(20 * top1) + '0' * round(20 - 20 * top1)
                results.add(one, [f'{fold}_{number:03}' for number in range(20)])
    text = report(results)
    assert 'over seeds, what is left out and clips where' in text
    rows = table_rows(text)
    assert rows['plain'][1:] == [['50.0', '25.0']]
    assert rows['PMSC'][1][0].startswith('+25.0 ± 0.0 (2) [+0.0, +')
    assert rows['PMSC'][3] == ['+50.0', '+0.0']


def test_names_the_students_whose_clips_are_others(results):
    assert 'Students: 40 clips in training' in report(results)
    for one in results.runs:
        if one.model == 'PMSC':
            one.clips['train'] = 44
    text = report(results)
    assert 'Students (plain): 40 clips in training' in text
    assert 'Students (PMSC): 44 clips in training' in text
    assert 'Teacher: 40 clips in training' in text


def test_says_what_is_missing_until_it_is_complete(results):
    assert 'Not complete: 7 of 10 runs' in report(results)
    results.planned = 7
    assert 'Not complete' not in report(results)


def test_says_how(results):
    text = report(results)
    assert 'Config: `configs/x.py`; seeds: 0, 1.' in text
    assert (
        "OP .6: each joint of the student's input is occluded with probability 0.6, for the whole "
        'clip, in training and in test' in text
    )
    assert '40 clips in training, 20 in test (one is 5.0 points), 6 epochs' in text
    assert (
        '60 s to 2 min a run, at least 2.0 h for all steps together' in text
    )  # the resumed run's 30 s do not count
    assert text.count('device a processor') == 1
    assert 'commit abc' in text


def test_names_what_is_occluded_at_once(results):
    results.conditions = {'a': dict(prob=0.3), 'b': dict(prob=0.25, scope='part')}
    text = report(results)
    assert 'a: each joint' in text and '0.3, in each frame on its own' in text
    assert 'b: each body part' in text and '0.25, for the whole clip' in text


def test_names_what_degrades(results):
    results.conditions = {
        'a': dict(prob=0.3, degradations=['jitter', 'frames:form=block']),
        'b': dict(test_degradations=['part:part=legs']),
        'c': dict(degradations=['jitter'], test_degradations=[]),
    }
    text = report(results)
    assert 'a: each joint' in text
    assert 'is degraded by jitter, frames:form=block, in training and in test.' in text
    assert "b: the student's input is degraded by part:part=legs, in test alone." in text
    assert "c: the student's input is degraded by jitter, in training alone." in text


def test_every_environment_is_named_once(results):
    results.runs[0].environment = {**ENVIRONMENT, 'commit': None}
    text = report(results)
    assert 'commit unknown' in text and 'commit abc' in text


def test_paper_beside_ours_is_marked_as_the_papers(results):
    assert 'arXiv' not in report(results)
    results.paper = {'OP 0': (84.56, 79.98, 83.31)}
    text = report(results)
    assert "the paper's own figures (Liu et al., arXiv 2404.18206)" in text
    rows = table_rows(text)
    assert rows['*paper: teacher*'] == [['*84.6*', '–']]
    assert rows['*paper: without distillation*'] == [['*80.0*', '–']]
    assert rows['*paper: with distillation*'] == [['*83.3*', '–']]


def test_nothing_finished_is_a_valid_report(results):
    results.runs = []
    assert table_rows(report(results))['PMSC'] == [['–', '–']] * 3


def test_a_single_student_has_no_differences(results):
    results.students = ['plain']
    assert 'gained over' not in report(results)


def test_merged_reports_are_sections(results):
    text = merged_report([results, results], title='All')
    assert text.startswith('# All\n')
    assert text.count('\n## Kinect to COCO\n') == 2


def test_results_file_round_trip(results, tmp_path):
    file = tmp_path / 'new' / 'results.json'
    results.paper = {'OP 0': [1.0, 2.0, 3.0]}
    for one in results.runs:
        one.metrics['acc/top1'] = round(20 * one.metrics['acc/top1']) / 20
    know_clips(results)
    results.save(file)
    assert Results.load(file) == results
    assert file.read_text().count('"clip_000"') == 1
    assert [path.name for path in file.parent.iterdir()] == ['results.json']


@pytest.mark.parametrize('text', ['', '{}', '[]', '{"runs": [{"seed": 1}]}', '{"runs": []}'])
def test_foreign_results_file_is_named(text, tmp_path):
    file = tmp_path / 'other.json'
    file.write_text(text)
    with pytest.raises(ValueError, match=r'other\.json is not a results\.json'):
        Results.load(file)


@pytest.mark.parametrize(
    ('field', 'value', 'message'),
    [
        ('metrics', {'acc/top1': 1.0}, r'acc/top1\] is 1\.0, and by correct 18 of clips\.test=20'),
        ('metrics', {'acc/top1': '0.9'}, "metrics={'acc/top1': '0.9'}"),
        ('seed', 7, r'seed=7: it is one of \[0, 1\]'),
        ('correct', '1' * 19, 'correct is of 19 clips'),
        ('clips', dict(train=40, test=21), 'correct is of 20 clips, clips.test=21'),
    ],
)
def test_edited_figures_are_refused(field, value, message, results, tmp_path):
    know_clips(results)
    setattr(results.runs[0], field, value)
    results.save(tmp_path / 'results.json')
    with pytest.raises(ValueError, match=rf'results\.json .*: runs\[.\]: .*{message}'):
        Results.load(tmp_path / 'results.json')


def test_missing_results_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'distill\.py writes'):
        Results.load(tmp_path / 'results.json')


@pytest.mark.parametrize('top1', [float('nan'), float('inf')])
def test_a_figure_that_is_no_number_is_not_reported(results, top1, tmp_path):
    with pytest.raises(ValueError, match=r"PMSC of seed 1 has \{'acc/top1': (nan|inf)\}"):
        run(1, 'PMSC', top1, 'OP 0')
    results.runs[0].metrics['acc/top1'] = top1
    results.save(tmp_path / 'results.json')
    with pytest.raises(ValueError, match='teacher of seed 0 has .* no figure to report'):
        Results.load(tmp_path / 'results.json')

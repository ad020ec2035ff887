"""Our figures beside the paper's, of records made by hand."""

import csv
import json

import pytest

from partkd.evaluation import Results, Run
from partkd.reproduction import make_figure, make_plan, read_table, report, write_report


def records(by_seed: dict[int, dict[tuple, float]], **more) -> Results:
    """Of models under conditions, top-1 as given and top-5 a tenth more."""
    runs = [
        Run(
            seed,
            model,
            condition,
            {'acc/top1': top1, 'acc/top5': top1 + 0.1, **more},
            dict(train=4, test=4),
            1,
            1.0,
        )
        for seed, figures in by_seed.items()
        for (model, condition), top1 in figures.items()
    ]
    seeds, conditions = list(by_seed), {'OP 0': dict(prob=0.0), 'OP .6': dict(prob=0.6)}
    return Results('t', 'c.py', seeds, ['with KD'], conditions, len(runs), runs=runs)


def figures_of(number, names, results, **options):
    table = read_table(f'table{number}')
    plan = make_plan(table, table.select(names), **options)
    by_folder = dict(zip(plan.jobs, results))
    return table, plan, [make_figure(table, cell, by_folder) for cell in plan.cells]


def test_mean_over_seeds():
    one = ('with KD', 'OP .6')
    results = records(
        {0: {one: 0.5, ('teacher', None): 0.9}, 3: {one: 0.7, ('with KD', 'OP 0'): 1}}
    )
    _, _, (top1, top5) = figures_of(1, ['penn-kd-op6'], [results])
    assert top1.ours == pytest.approx(60) and top5.ours == pytest.approx(70)
    # deviations from the mean of 10 points each, over n - 1 = 1
    assert top1.deviation == pytest.approx(200**0.5)
    assert top1.seeds == [0, 3] and top1.splits == ['train']
    assert (top1.paper, top5.paper, top1.source) == (80.52, 96.82, 'Table 1')


def test_mean_over_splits_of_means_over_seeds():
    one = ('teacher', None)
    results = [
        records({0: {one: 0.2}, 1: {one: 0.4}}),
        records({0: {one: 0.6}}),
        records({0: {one: 0.9}}),
    ]
    *_, (first, second) = figures_of(1, ['sysu-teacher'], results, splits=3)
    # of the first, splits of .3, .6 and .9
    assert first.ours == pytest.approx(60) and first.deviation == pytest.approx(30)
    assert first.seeds == [0, 1] and len(first.splits) == 3
    assert second.ours is None and second.deviation is None and second.splits == []


def test_what_is_written(tmp_path):
    one = ('with KD', 'OP 0')
    results = [records({0: {one: 0.8}, 1: {one: 0.9}}), records({0: {one: 0.75}})]
    table, plan, figures = figures_of(3, ['ntu60-skd', 'ntu60-kd'], results)
    write_report(tmp_path / 'made', table, plan, figures)
    page = (tmp_path / 'made.md').read_text()
    assert page == report(table, plan, figures)
    skeletons = 'PifPaf-ShuffleNetv2x1'
    assert f'| ntu60-skd | SKD (ST-GCN) | {skeletons} | – | – | 80.80 | – | – | 84.42 | – |' in page
    assert (
        f'| ntu60-kd | with KD | {skeletons} | OP 0 | 85.00 ± 7.07 (2) | 83.31 | +1.69 '
        '| 75.00 (1) | 88.13 | -13.13 |'
    ) in page
    assert '- Seeds: 0, 1.' in page and 'Penn' not in page
    content = json.loads((tmp_path / 'made.json').read_text())
    assert content['source'] == 'Table 3'
    with (tmp_path / 'made.csv').open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(content['figures']) == 4
    assert rows[0]['row'] == 'ntu60-skd' and rows[0]['ours'] == '' and rows[0]['paper'] == '80.8'
    assert rows[2]['seeds'] == '0 1' and float(rows[2]['ours']) == pytest.approx(85)
    assert content['figures'][2]['ours'] == pytest.approx(85)
    assert content['figures'][2]['splits'] == ['xsub_train']

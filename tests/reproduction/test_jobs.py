"""What has to be run for rows of a table."""

from pathlib import Path

from partkd.reproduction import (
    describe_missing,
    describe_plan,
    make_plan,
    missing_files,
    read_table,
)


def plan_of(number, rows=None, **options):
    table = read_table(f'table{number}')
    return make_plan(table, table.select(rows), **options)


def test_rows_share_runs():
    """Table 1: two of NTU60, one for both figures of Penn Action, 30 splits of each setting."""
    plan = plan_of(1)
    assert len(plan.jobs) == 2 + 1 + 60 and len(plan.cells) == 2 * 48
    job = plan.jobs[Path('sysu_pifpaf_resnet152_to_kinect_v1', 'setting2_30_train')]
    assert job.students[:2] == ('without KD', 'with KD') and job.test == 'setting2_30_val'
    assert len(job.students) == 2 + 3  # three rivals that cost nothing
    assert job.conditions == ('OP 0', 'OP .3', 'OP .6') and job.seeds == (0,)
    assert job.num_trainings == 16
    top1, top5 = (cell.jobs for cell in plan.cells if cell.row.name == 'penn-teacher')
    assert top1 == top5 and plan.jobs[top1[0]].num_trainings == 3 * 16


def test_a_part_of_it():
    plan = plan_of(1, ['sysu-kd-op6', 'penn-teacher'], seeds=[4], splits=2)
    assert [str(folder) for folder in plan.jobs] == [
        'pennaction_human_to_pifpaf_resnet152/train',
        *(
            f'sysu_pifpaf_resnet152_to_kinect_v1/setting{setting}_0{number}_train'
            for setting in (1, 2)
            for number in (1, 2)
        ),
    ]
    penn, sysu, *_ = plan.jobs.values()
    # a teacher's recipe has a student as well
    assert penn.students == ('without KD',) and penn.conditions == ('OP 0',)
    assert sysu.students == ('with KD',) and sysu.conditions == ('OP .6',) and sysu.seeds == (4,)


def test_tables_share_folders_of_the_same_pair_alone():
    folders = {number: {folder.parent.name for folder in plan_of(number).jobs} for number in (1, 3)}
    hetero = 'ntu60_kinect_v2_to_pifpaf_shufflenetv2x1'
    assert hetero in folders[1] & folders[3] and f'{hetero}_agcn' in folders[3] - folders[1]
    assert set(folders[3]) >= {folder.parent.name for folder in plan_of(4).jobs} == {hetero}
    shares = {f'{hetero}_80_percent', f'{hetero}_70_percent'}
    assert shares < {folder.parent.name for folder in plan_of(5).jobs}


def test_rows_of_earlier_methods_run_nothing():
    plan = plan_of(3, ['ntu60-skd', 'penn-skd'])
    assert not plan.jobs and [cell.jobs for cell in plan.cells] == [()] * 4


def test_cost():
    table = read_table('table4')
    plan = make_plan(table, table.select(['ntu60-none', 'ntu60-kl']), seeds=[0, 1])
    (folder,) = {folder.parent for folder in plan.jobs}
    text = describe_plan(table, plan, {folder: 60}, Path('nowhere'))
    # two seeds of a teacher and two students
    assert '| 0 of 6 | 6 x 40091 x 60 | 2.5 |' in text
    clips = 6 * 60 * (40091 + 37646)
    assert text.split('\n\n')[0].endswith(f'| {clips} | {clips / 1600 / 3600:.1f} |')
    assert 'Hours at 1600 clips a second' in text


def test_missing_files_come_with_those_that_they_are_made_of(tmp_path):
    table = read_table('table2')
    plan = make_plan(table, table.select(['ntu60-kd-op0', 'sysu-teacher']))
    names = [one.file.name for one in missing_files(table, plan, tmp_path)]
    assert names == [
        'ntu60_3d.pkl',
        'ntu60_pifpaf_resnet152_coco17_2d.pkl',
        'ntu60_pifpaf_shufflenetv2x1_coco17_2d.pkl',
        'kinect20_3d.pkl',
        'pifpaf_resnet152_coco17_2d.pkl',
        'pifpaf_mobilenetv3small_coco17_2d.pkl',
    ]
    for name in ('ntu60_3d.pkl', 'ntu60_pifpaf_shufflenetv2x1_coco17_2d.pkl'):
        (tmp_path / 'skeleton').mkdir(exist_ok=True)
        (tmp_path / 'skeleton' / name).touch()
    first, *_ = missing_files(table, plan, tmp_path)
    assert first.holds == 'NTU-RGB+D, PifPaf-ResNet152'
    text = describe_missing([first], plan)
    assert f'- {first.file} (NTU-RGB+D, PifPaf-ResNet152), for ntu60-kd-op0:' in text
    assert text.endswith(
        f'  python tools/data/convert.py openpifpaf PIFPAF_JSON {first.file} --options '
        f'labels={tmp_path}/skeleton/ntu60_3d.pkl "img_shape=(1080,1920)"'
    )

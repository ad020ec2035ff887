# The whole method on motions that it makes itself: `make demo`, or
# `python tools/distill.py configs/partkd/demo.py`.
_base_ = './demo_student.py'

work = 'work_dirs/demo/'
teacher = dict(
    type='FrozenTeacher',
    config='{{ fileDirname }}/demo_teacher.py',
    checkpoint=work + 'teacher/epoch_24.pth',
)
part_matrix = dict(type='PartMatrix', folder=work + 'teacher_files')
student = {{_base_.model}}

model = dict(
    _delete_=True,
    type='KDRecognizer',
    student=student,
    teacher=dict(type='FeatureBank', folder=work + 'teacher_files', teacher=teacher),
    losses=[dict(type='PMSCLoss', part_matrix=part_matrix, loss_weight=10.0)],
)

distill = dict(
    title='Demo: Kinect v2 in 3D teaches COCO-17 in 2D of a poor estimator (generated motions)',
    prepare=dict(type='partkd.datasets.synthetic.make_synthetic', out_dir={{_base_.data_root}}),
    seeds=[0],
    conditions={
        'OP 0': dict(prob=0.0),
        'OP .6': dict(prob=0.6, scope='clip'),
    },
    students={'student': dict(losses=[]), 'student with distillation (PMSC)': None},
)

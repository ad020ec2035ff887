"""Penn Action, 13 joints: the joints of its annotators."""

layout = dict(
    name='penn_action',
    joints=[
        'head',
        'left_shoulder',
        'right_shoulder',
        'left_elbow',
        'right_elbow',
        'left_wrist',
        'right_wrist',
        'left_hip',
        'right_hip',
        'left_knee',
        'right_knee',
        'left_ankle',
        'right_ankle',
    ],
    # There is neither neck nor pelvis: shoulders hang on the head, as in mmaction2's COCO graph.
    links=[
        ('left_shoulder', 'head'),
        ('right_shoulder', 'head'),
        ('left_elbow', 'left_shoulder'),
        ('right_elbow', 'right_shoulder'),
        ('left_wrist', 'left_elbow'),
        ('right_wrist', 'right_elbow'),
        ('left_hip', 'left_shoulder'),
        ('right_hip', 'right_shoulder'),
        ('left_knee', 'left_hip'),
        ('right_knee', 'right_hip'),
        ('left_ankle', 'left_knee'),
        ('right_ankle', 'right_knee'),
    ],
    centre='head',
    parts=dict(
        head=['head'],
        left_arm=['left_shoulder', 'left_elbow', 'left_wrist'],
        right_arm=['right_shoulder', 'right_elbow', 'right_wrist'],
        left_leg=['left_hip', 'left_knee', 'left_ankle'],
        right_leg=['right_hip', 'right_knee', 'right_ankle'],
    ),
    dims=(2,),
)

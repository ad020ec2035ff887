"""LCR-Net, 13 joints: Toyota Smarthome."""

layout = dict(
    name='lcrnet',
    joints=[
        'right_ankle',
        'left_ankle',
        'right_knee',
        'left_knee',
        'right_hip',
        'left_hip',
        'right_wrist',
        'left_wrist',
        'right_elbow',
        'left_elbow',
        'right_shoulder',
        'left_shoulder',
        'head',
    ],
    # Neither neck nor pelvis: shoulders hang on the head, as those of Penn Action.
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
    dims=(2, 3),
)

# What contrastive pre-training sees of a clip in 2D: SCD-Net's changes and masks.
clue_masks = [dict(type='StructuralMask'), dict(type='TemporalCubeMask')]
changes_2d = [
    dict(type='RotateSkeleton', max_degrees=30),
    dict(type='ScaleSkeleton', max_change=0.1),
    dict(type='ShearSkeleton', max_share=0.5),
    dict(type='JointOcclusion', prob=0.0),
]

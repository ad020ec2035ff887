# UTD-MHAD, PR-GCN (arXiv 2010.07367): COCO-17 in 2D at 160x120, whose joints are moved before where
# they are and how they move is read.
_base_ = './stgcn_utdmhad_student_coco17_120.py'

model = dict(
    backbone=dict(_delete_=True, type='MaskedPRGCN', in_channels=3),
    cls_head=dict(in_channels=256),
)

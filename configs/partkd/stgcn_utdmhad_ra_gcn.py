# UTD-MHAD, 3S-RA-GCN (arXiv 1905.06774): three streams, each of which sees the joints that those
# before it have not looked at.
_base_ = './stgcn_utdmhad_rivals_student.py'

model = dict(
    type='RichlyActivatedRecognizer',
    neck=dict(num_segments=1),
    cls_head=dict(reads='pooled', in_channels=4 * _base_.width),
)

# The same student on the union graph: what it lacks of that is guessed by rules.
_base_ = './stgcn_utdmhad_rivals_student.py'

model = dict(layout='union')
on_union = [dict(type='MapToUnion')]
train_dataloader = dict(dataset=dict(pipeline=on_union + _base_.train_pipeline_2d))
val_dataloader = dict(dataset=dict(pipeline=on_union + _base_.test_pipeline_2d))
test_dataloader = val_dataloader

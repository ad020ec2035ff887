# The recommended teacher in half the epochs, for recipes of many teachers.
_base_ = './stgcn_utdmhad_recommended_teacher.py'

epochs = 60

train_cfg = dict(max_epochs=epochs, val_interval=epochs)

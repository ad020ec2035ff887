# The recommended teacher on MSR Action3D in half the epochs, for recipes of many teachers.
_base_ = './stgcn_msraction3d_recommended_teacher.py'

epochs = 60

train_cfg = dict(max_epochs=epochs, val_interval=epochs)

# For epochs of less than a second: mmengine formats the whole config for every checkpoint, which at
# one every fifth epoch was a tenth of such a training.
_base_ = './default_runtime.py'

default_hooks = dict(checkpoint=dict(interval=40))

# For epochs of less than a second, after every fifth of which a file would be a notable part of the
# training. What was done is kept in memory all the same, for a training that is interrupted.
_base_ = './default_runtime.py'

default_hooks = dict(checkpoint=dict(interval=40))

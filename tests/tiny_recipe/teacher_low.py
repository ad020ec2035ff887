# The control's teacher: as good as its student's eyes.
_base_ = './common.py'

# Mixed precision, which about halves a run on a CPU with bfloat16 instructions.
_base_ = './sgd_one_cycle_60e.py'

optim_wrapper = dict(type='BFloat16OptimWrapper')

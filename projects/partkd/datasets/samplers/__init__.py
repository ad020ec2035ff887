from .length_grouped_batch_sampler import LengthGroupedBatchSampler

__all__ = ['LengthGroupedBatchSampler']
